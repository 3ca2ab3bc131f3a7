/// The key pairs that come with the sandbox. They are published on purpose and worth nothing outside tests: with them a sandbox is ready at once, and vectors open against it.
enum ShippedKeys {
    /// RSA with 4096 bits: opens session keys. It is the test key of the vectors.
    static let service = """
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

    /// RSA with 2048 bits: signs access tokens.
    static let tokens = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDn6qgEx3UFB0fK
        ILRqpdYgATiI56BB3YqBXi0rVaAMztGvIltlmdDo9s7FymcRM4o1Aawq0M9WHez5
        pAyjGmUG0lhnkH5TzYN9yOHJSzqwtjQQI+q1M0+hAFN7onxT51vBR8DZachtTRYF
        DW+3SxH5BB1wdpCI9nF+PfQx1nfID/wArUZ81rpLVevPb7NDKyCbx/8Dtm9M0ION
        fJP8WLrkkCYOjq+4bKozzbzTAhkgu0jwKxbC69Yp7ESZCw2ekHIA6ibY8huakcvi
        ejcRKxmT+9TLgc6cfI4Vn/TBQevnceyvV/j4iFPlV9mk1F/3b4A5zIj2EBmaXULW
        I3aovl0zAgMBAAECggEAXyuOk5d+T/fy3+GX6APx4ORfXN8ghqbxRbFt+9CBg4AD
        0EjbFNCQSGmv5L7wmMB7wNDU5CUYUJCrRK6reOtF9gyvtqA3FxDJGv8qmL5EcWvz
        5YO3t3A9BybpG11Mg+n3X1OgsheU5jWyCZS/+YnW8EdeBV7CZVIstM+bvC/0q6YL
        fS4MhZHa3pG+Sis7S8jQpVxYmjNcSVSUzJYjV+asZ1LqGC8vdi6HPzSHKydvW7c1
        A5EvCfzBj0F7f/gadnXd5mhJs3rwPRzemI2V1Q6MstWu0uEhLvVGnUEUk2rFepjp
        ji0gIMU2YQT3oNobBVZ9orGjaLxpt1dZctwwhowRYQKBgQD8DsAb3KfYphQpSkkA
        x6eg9yDqtKCPDnge+f4PtQpBS3GQn91k/4GsVkq2mhRM6m10WNmWb9RHt2O42f8O
        jpDSgg8ebxwcvqicdh2/GzXRYzz5nCgnxZF2GFpv1pWShR1VKN1zkLZseshAiN0h
        35dpozF9xWiTGvcQXez2mwVB2wKBgQDri0KvzE8Wy3Wvv/GzifZUdsgIsNNL5SoX
        idoqNfaJdODP2UDgq1gaKGiFMBbzzLJN8vbH5SuWoizCBypbfDSonKq20e2RIA4o
        w/1yn8VUDof5RzlTOZ/cW7OT6eYevCWHfDX2pI52I8QUMJEuwQlsuP6hA2JqCeNr
        batg5qINiQKBgQCaA7VVEP4qfkiBdlenN1fxHjAp2dblstSpMN4R4PB0N1IcKeLQ
        7OLiWBPtAbb3zKK23feOWaSfcapocCPOVESfrELquL+3vLQwbmf8tvaqi/XdG5LZ
        wnoAbB8OiVL5pYbn20F9dOZS4K9t53MfWI0fSk1aaX5drLNcd9fsU4rh0wKBgA+C
        JMrkXdS3YrFGpwhWLhTTmUoRMmhN116jYezjjq7wNhkZSc9BGNToEjGqv+gfcyH0
        vFDfAuaxGNdRl3VckS8E2ayd19F1VdlTRi203U4ygrtj+B9FrQPaOdGkVdVyN9pa
        0EbEAOlAY5mctQJqDU/OQl2hlmo66nFZUC5aIRNZAoGAQm1JLtiE78qlAZ6un3ng
        Wd5rWSD3yVEBgCKu52ONhLmuoqqT4tNnFLA+txf+UeXwbiYQZJLCVY5dt5lWae2R
        DkeLjoJnZlLH3NCd0U3U8X6/1wiSSx0+cV+XS2u3mjiapnEAv3p7xn5ofXadqkCR
        vQ/Ku/kbtK/5bsRpk+Rj0s4=
        -----END PRIVATE KEY-----

        """
}
