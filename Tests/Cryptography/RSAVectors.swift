/// Values that were made with another implementation: RSA-4096, OAEP with SHA-1 for padding and mask, empty label.
enum RSAVectors {
    /// A key that was published for tests and guards nothing.
    static let privateKeyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIIJQwIBADANBgkqhkiG9w0BAQEFAASCCS0wggkpAgEAAoICAQChzK77z1s04Lks
        RU8kq9W+HRKymm2Q4kmCty+W9VbeOz63Oe7Vl0y4PHmRWV+CsVtiDUn6KJbCbU+W
        ELSZLzUtX6VBs2Q5KlYpZApoVLUQKoRBsU4l40V5vGMSA1ywIFq7EhNU0x+pJm1Q
        mNFwDs5GDkJhBpCypYkUmGQYyzRHxt4ZD8c3H1LWMkKHniHe1Yd/RUP3n5KHjQLE
        IuNjw4AOzhYLbYRq/5PGPOOaJ133cGoN075/uQNJ007tD+BJ+BFJgZLmaEdRABiS
        fUUAkp2X1HpsLAlfI4WVK6heXAx5ygpJ5nD5UDku5qEoOVK5u9qoZ6qbfHnH4mui
        KbC+xL0T1PcK7TukkqBty+GbkykcGeVrMKTxAVb4DcjQKTDfohTw8q6QrDxGVl36
        JaeUgKg1W6qbfUEHhCUfxLt8IfwkXkvfowmX7LnvwkNDqAyjonSoIofAW4be7KaT
        JFjkVVhKRIkLxGJT5OMPyc8YRAKBMgnUrWzPapH2i3jfpvKqn/lbZ8wjPQEUdJYd
        sJTLBZx8k3uqqx9HkpCpMzRpM4vkdU97FxT/0NjugzUwASACZo2ZwbZizhM23bqn
        d2HTiE2XRkrXF77BdOk11kdP6fAU9TDY8Vg6Xq3g3/cZ9biD2vR9ZTiZz4AFOBv4
        8Q5Pgvcucsq8jwrhUZoYsd9MRanshQIDAQABAoICAB3OsP/n4/QaYFLFE/77/x0O
        ixbHN18lKQjBSa2kVhQL0xJ7REIqJPKeBYFe9ycDGIQ4UYQZ/Sglbi+FtVexKDlL
        MQ0pCNI1N/lZGke9LzwisQnPKcf2FiMGrzOu1eEGnOBwxInweRk24JWkCZV8zMiA
        MP9h779Rmq7mIi6lJOUCQIFadEd16FNYoAQPAEtmiBdMweg5CAwb0MIkcUK8Tfes
        RMhnLSlvGyC+r+mCzh9bINaaRzKNeYscuCIZNic6Yajqi48R7+1+uIgoNtGTsR+6
        /7C07icOSro/+D0l9RBsxbd2kiKEAnze9RqNcO2Rq4cxze7mICNQVabiylJiuThG
        Gg8GxDQx7urmXxzT4ftZI7CqLD8nwg51FWqxFpOP7vuc/tAh0GZQyrW0SIoi/mjp
        KhUgfqRge5iZKlxSFf6c9ZwqjWs5tWQqRTjy+C9RYI0p+yUtF64r1kEmpP/EFTNS
        Dp4RrSXnfEVBWDW0z7haIMyUAavHe6bkzDbkBWDkovQ2qaE1FNnAvBTC3cSJWfwo
        23qJKCYSpIqX6ifB2+zHO/9tchSsLdOLsyGP46m9g2dhWRv+8RbzYHsnNIAnmeKt
        2LMVItTG9/NEprCf9MzeSjoRiac2Y7yr/um0M5znb5MGeX8GQayWBbv/LtFpYipX
        +RB4rLxbJID7bHvSD35RAoIBAQDkiJ1DqC53VVg2IqvYO2PSJ2TVV65RBgGhNjZp
        ttx10mxGLqEe1QTrwAkUidnUGOwQfRlc7GZlwu6ElE1jcjY4vjRarwQ79BpsRS+K
        /Nv9b9hCLaruhGwVRhb/GskGU+CKLjNg0pQdwjNYJEbw19KZKLlxlQ63byzx/Cio
        NlB5b6zgOO84Emx3NFLr7NzCurTC8RW0D6nWVsXQx1ivKVF8whdmjyH/nEgXJPvi
        IrAUhGzJUJr5G2jS/VReQqhdQQQ0zfA8N5uJqiQD/NL0kqVJolgii+PuuOhaKChv
        CoEeyzYkmB4bnq98OLzmHUfVgCftMi+bkxM3IUHzHvTtpDAJAoIBAQC1PtWgbrS6
        ZtUkOOUAV5gs9iTZokeIm7iv8FBk/DLOZtlyG2LgEzEQhd1/B5rmZCOn6/547G18
        UMLsZnbxdnuC2sBoj2DU0PJWvKv9ZuuFARxztZroPI0UijP4lb4TRvZNK0BdTUkA
        +nIowohdAbalqWv1n0rebJlv3MtYa7ItKBMl7QCrrM/3k2XMZQZ2ZTMIg/qySJ3m
        EZi9FjYkcjVwZiYjGHxkfABTAfW9cucR0W8b8gYKshyBjfoEuIPZd8thOeEP1rSR
        yL0Z0l1aAkEjIa3sVHVkuxLMqG8JnXAcrgttBBC3GVNzTSfxkJ2n8Jc40fMVQwzb
        jcDgEsO0BH+dAoIBAQDFR2FqzD4Aab4STW/G483R1ovm1x/1dZfmkKP8Mgyx8Qni
        s9IGiaEL2eR8xFs0CqeNvFAutSvX4KSB8nuzwx4ncZpERh0DnD9LA5Z9BrbpWql2
        x3FtIQckfjLP2VF7kuCcqDFV/bI61i/4gKh0s/pqmIstD516oBBOfHykaO6jRdIY
        ZU2sO8tCQ/rpCrmvp/ju56rymyrjiliNV+ionKRpbCtDL4AL5d8di6GcnpEdxQsb
        5edB73VX3bP9AtHQXpXA953QfbhY6HTatF9vHUBuBiTK/bOvmhOJ8GynHoxEBuwg
        PuiOszeNpnT6uIAQP+c3jUEnrZjC2ITT2P9aPYfxAoIBAQCZ1sKm0TDPwvcJLs2Z
        k8AT8b1niOmk12BU3eqvPK23Ke9JfltXjJKpzqYp63+cLMVjA9nUNAHecgJxe6tb
        2tCNSjXkykZLfSslWjG1/cTM+Rt4T14z3yl0lLX2OsvCOwpWh+6zAyWDEhER7cSn
        BQxN4tdC/bkjwBQgsc1buNXcpFZUa62VCjLflpnieqGYnt9JTBTffOmhXbBCVvcP
        ymz3gYy/X0o+VE5GJrS54CynoBfqJWzhaTru8F6V4TPww1C6rtEMi5Zq43M21qrr
        +lvlgPHKVgnqvSsA0bql8580iLokBz5U28dMZ+IOlUxsPrdswC/PDUF9nf1ndCXu
        x561AoIBAA+ZY88WzNJ5xcJsEXbBCc+tB5r9D9wqFtQO30pdiu2k5FV7KZByvmFb
        jGy23vdZJ5O+OyjhXhwouAw/b1aWRQWWp8vFYObNydiT6lltxvvQGB5Y77MiYtLv
        7cNstHI86vdU5y8+eTqwI9Cpzcn++aSEh/nfKtkIc0SCwB/EBEkBBC8Aw0fPxk1r
        reMm5sKZAygsBrAOT/hXyETf7etGPKva8eIeLc3Q9x9w2A3pfjXB2hj6trVIvAj3
        OrefC6Q8ngwyaRjoW6GfLww5ykyG1nqsbCchh62769XVkg3tRGtoENFJc/sV+UFL
        PZgr/9usAqr7QJQGIMW3RTk08toMkBg=
        -----END PRIVATE KEY-----
        """

    static let publicKeyFingerprint = "45ac0b1b984077a51bdafe24374b2bb65a9d6eaa5f044946022d92c6dfc19f2f"

    /// What was encrypted, and the Base64 of what came out; the lines of the latter are to be joined.
    static let sessions = [
        (
            plaintext: "AES_GCM$8BSMEvzQOWctQ0DGwIDlufj9tKo9axslD1cK90gFa3U=$wmRrPsclLTtvVIbw",
            ciphertext: """
            mGi22jzeKAGNzhC/skzsLFByXLc+uxyQ34bHK7VwziE7WIuiCYM0nzyiMLN0pLThU9q0Q8mMTRtZ
            Ki8j36JWF70psPfXpBDqIeu+HMg+HIFzi9ktnqiHPM2djwjuIGGLeMMBlqX2fhkms90spLN+7CX1
            d3jQQBX/6FVlJRBYJaTjV6SSmTuj+g9djciTlDg6c7nqV/WngDhUN/TyB4t864WyYeoLEUHp4X6j
            fEeSsLquVbwmMFzEt64ztl6kxNLRZPYA4zxCyeuuOoW8eZ7x+mQXdQskPVBXPfX5mQXPO+CnVe/1
            /1UhkS95vFj/k8ownlD8A9iy6CjZCaTX5wj2V4bt5M7hotdBRYW3Oj4zF2SA4wYc3Mm+yhiGUW4h
            zWhKCujyXGgSnaAsMY+DsqvJhCoaNBqEmLes7xFEl8Y7TRdifF7Ep1VdItRhUsTEsoO1ghGzbAvf
            E5mUGl4EMyuS/mAqzqGnWQFDHuv+2k0gLwiX5gUZJbz70M8UcVVbSW8GpEXiSxMgDmZIPvsCigdo
            REZw6xLy7vLRnn7N4mUA2mb+wSy5fv1zMekA/Ee87LvRwpM3D17baIOOhp0/HEJk66wYqOUxi58V
            KksOaCLfjndeBozlCNRuJAxHsCSRwsHTPNfgUOYa0xdUjs5MqJEq4+Fxpi3Xb3hwfWKE95jc+gs=
            """
        ),
        (
            plaintext: "AES_GCM$GWaiW97BhJLUk+4EEZ5lGXjuiXF9vVudaGhmq19pPwM=$xfMw7s30HBdK6ukt",
            ciphertext: """
            XM7Ko51K5oReYA+l5mCq997zPNWRQeCxD9CZUJmi1m8fEGmlY3jdxzBs9w7ld5bmHPsMr0LfWKVU
            xL2unT+G+GgMzus9mFKMIvoQn/BjTJQzxh6sOJmhlYNMB2H0PQgSHWG5USTtyfzEtjfAQE2SbRZd
            1eACRdbUGMnLmu1VCdS8/3unh+LiFRfl1DYEvAF9cTMpNQthzwTP/O0HwAR4Wl2rNL7pKWcHqwmn
            V/IALTScflgvhzJYBMGwcSwe1UF7NlPwoI//jhU1QvAWmdcBLXhLXi18seTAXQPkGp2c0udhoBWG
            3hHLg8tggxQDyN+bUbRROJF3aXWV5+852Ft6keBz2Z4O8Mxx8pqrGm89XV4w2F3JKR4XGV1C0mSN
            yaS6c5F7i7UiMe2vDQtbfntgkinDEcQP6HHLVddfA008yzGClSfPNfuKXgOVSUFcVijnhSVYKaQc
            78gdLsIe1LYj6737gPFd71aFopymRfLSngmAIjklhQio8tiQBlSUl3HS1MSOBEq7zlE5DV5YyuCU
            6gXNPGcQMfxg5A10fiMH2wlzDraxU+P8Ltb6t1ikN2dMZNUf9pfAIPadSUv71CB9wYr1SnXn8GeM
            J6D3On+BAiHy5tLJYOI0kbMh4rCewLfJEMmFu61b/YW+LtzsUqQK+okHeXypr0h3cZeV+2bxMTs=
            """
        ),
        (
            plaintext: "AES_GCM$cW3z6CPhUEllY3QYhtOqiLOZjPfzYYw1pnTKW44v2LE=$sExf+UIKhG4dpPvn",
            ciphertext: """
            KhiL0u4i6+sWbhb82Et2GqvOwyzfdXVhVNKjK/yi5zSz7kU4jayvohq4KZnyiedg3rYRUZttj+rB
            j+KbjrTI6SZ7QkYpg43IUofaKrwqeyNvUupMVfV7qeVV4K85FMAc5EVXVEy0SV+McUd8mHyIezez
            zfgnv4n6+dAK8VKm9v6X2U5zhhNPzAXC0gPHjyqxBH9vmqA/NXxyah4YsNfu52Ne/emk7hYjnmnQ
            8pcR8RWQWbkla1xNtGuVgTyalXblk0oPEA/2I3+k0GRjFvsy6PYkMFCyXkNzDBnCTZKGmeYpPa5j
            XqkLdxQNZ+TJjr/SKAmpk7X4tLDNZtr+P8uLE9VwZZb34HWEChLfBR33L31RdeBS6QUUjIFsIM+V
            LDSEpgOdBndYdoKGzNXKy1A7zIg0eQCQMRuX85HjTDwUkbSxi0lv2ul/cWmj9hPeNsLcmFf55QeG
            toVxFjQ8m55E+oP0/OXSwNC1cV9wRw8dW07m+rH3K7iDanxe7zVBCRg8Tp/wjVW25nGqAztcyIeq
            qs2Y52gNYPql62JBSq5cu07jbbduF/Au6T+V9mtziDy4ANVf1zlB7YuVjHsBG8yl/4k+5H5nTYAM
            TAo7Hy8tW3cTDPIBQ10wZEy+n7XbvDEk/l0+f8+9HBKKnkF2F1Pmfl+H3vlVlyIffqSsqjXCv2U=
            """
        ),
    ]
}
