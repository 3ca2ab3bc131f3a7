import Base
import Foundation
import ProviderKit
import TestSupport
import Testing
import Transport
import WPay

/// A merchant's server written in Python with nothing but its standard library and `openssl`: it knows the signing orders by itself, from the published tables.
enum SandboxOracle {
    /// One request to be signed and encoded.
    struct Order: Sendable {
        /// The call or page, by the name of its row in the script.
        var row: String
        /// Plain values by field name.
        var values: [String: String]
        var keys: Keys = .demo
        /// Values that go as they are, neither encrypted nor encoded.
        var final: [String: String] = [:]
        /// What is done wrong: `signature`, `order`, `label`, `upper`, or nothing.
        var mistake = ""
        /// The partner's word in the path of a custom site.
        var site = "kbstar"
    }

    /// A merchant's keys as it gets them.
    struct Keys: Sendable {
        var hashKey: String
        var seedKey: String
        var seedIV: String
        var iniAPIKey: String

        static let demo = Keys(
            hashKey: WPayDemonstration.hashKey, seedKey: WPayDemonstration.seedKey, seedIV: WPayDemonstration.seedIV,
            iniAPIKey: WPayDemonstration.iniAPIKey)

        init(hashKey: String, seedKey: String, seedIV: String, iniAPIKey: String) {
            self.hashKey = hashKey
            self.seedKey = seedKey
            self.seedIV = seedIV
            self.iniAPIKey = iniAPIKey
        }

        /// A merchant as the control API shows it.
        init(_ json: JSON) throws {
            func text(_ name: String) throws -> String { try #require(json[name]?.string) }
            self.init(
                hashKey: try text("hashKey"), seedKey: try text("seedKey"), seedIV: try text("seedIV"), iniAPIKey: try text("iniApiKey"))
        }

        var json: JSON {
            [
                "hashKey": .string(hashKey), "seedKey": .string(seedKey), "seedIV": .string(seedIV), "iniApiKey": .string(iniAPIKey),
            ]
        }
    }

    /// The calls that carry the orders, in order.
    static func calls(_ orders: [Order]) throws -> [Call] {
        let lines = try ask(
            orders.map { order in
                [
                    "do": "call", "row": .string(order.row), "values": object(order.values), "final": object(order.final),
                    "keys": order.keys.json, "mistake": .string(order.mistake), "site": .string(order.site),
                ]
            })
        return try lines.map { line in
            var call = Call(
                method: try #require(line["method"]?.string) == "GET" ? .get : .post, path: try #require(line["path"]?.string),
                query: line["query"]?.string, body: Array((line["body"]?.string ?? "").utf8))
            if let type = line["type"]?.string { call.fields["Content-Type"] = type }
            return call
        }
    }

    /// What a callback's fields say to a merchant who verifies them first; nothing where the signature is wrong or missing.
    static func opened(_ callbacks: [(row: String, fields: JSON)], keys: Keys = .demo) throws -> [[String: String]?] {
        try ask(callbacks.map { ["do": "callback", "row": .string($0.row), "fields": $0.fields, "keys": keys.json] }).map { line in
            guard let members = line["fields"]?.members else { return nil }
            return Dictionary(members.names.map { ($0, members[$0]?.string ?? "") }) { $1 }
        }
    }

    /// The plaintexts of base64 ciphertexts, by `openssl`.
    static func decrypted(_ texts: [String], keys: Keys = .demo) throws -> [String] {
        try ask(texts.map { ["do": "decrypt", "text": .string($0), "keys": keys.json] }).map { try #require($0["text"]?.string) }
    }

    private static func ask(_ questions: [JSON]) throws -> [JSON] {
        try PythonOracle.lines(script, input: questions.map(\.text)).map { try JSON($0) }
    }

    private static func object(_ values: [String: String]) -> JSON {
        var members = JSON.Members()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) { members[name] = .string(value) }
        return .object(members)
    }

    /// Rows: name, method, path, carrier, signed fields in order, behind `+` unsigned ones, behind `>` the signed fields of the callback. `!` behind a field: encrypted, `^`: URL-encoded.
    private static let script = #"""
        import sys, json, hashlib, base64, subprocess
        from urllib.parse import quote_plus, unquote_plus, urlencode
        S, R = '/stdwpay/std/u/v1/', '/stdwpay/std/rest/v1/'
        K = 'mid wpayUserKey!'
        REPLY = 'resultCode resultMsg^'
        PAID = REPLY + ' mid wtid oid wpayUserKey! wpayToken! wpayDomain'
        CARD = REPLY + ' mid wtid wpayUserKey! wpayToken! payMethod bankCardCode bankCardNo cardName^ checkFlg cardTypeFlg cardPdNum cardBImgUrl^ wpayTokenNcnm^'
        AUTO = REPLY + ' mid wtid oid wpayUserKey! wpayToken wpayDomain^ bankCardCode bankCardNo'
        BUY = ' oid goodsName^ goodsPrice buyerName^ buyerTel buyerEmail'
        CK = 'mid wpayUserKey! ci!'
        CT = 'mid wpayUserKey! wpayToken! ci! payMethod bankCardCode'
        CREG = REPLY + ' wtid wpayUserKey! wpayToken! payMethod bankCardCode bankCardNo cardName^ majYn'
        CAUTH = REPLY + ' wtid wpayUserKey! wpayToken! fdsResult wpayDomain^'
        ROWS = {
         'memreg': ('POST', S+'memreg', 'form', 'mid userId! ci userNm^ hNum! hCorp birthDay! socialNo2 frnrYn returnUrl^ + agreePayNm^ agreeUrl^', REPLY + ' mid wtid userId! wpayUserKey! ci'),
         'pinno/auth': ('POST', S+'pinno/auth', 'form', K+' ci returnUrl^', REPLY+' mid wtid wpayUserKey!'),
         'pinno/reset': ('POST', S+'pinno/reset', 'form', K+' ci returnUrl^', REPLY+' mid wtid wpayUserKey!'),
         'payreg/card': ('POST', S+'payreg/card', 'form', K+' ci returnUrl^', CARD),
         'payreg/acct': ('POST', S+'payreg/acct', 'form', K+' ci returnUrl^', REPLY+' mid wtid wpayUserKey! wpayToken! payMethod bankCardCode bankCardNo cardName^ wpayTokenNcnm^'),
         'payreg/card-billkey': ('POST', S+'payreg/card-billkey', 'form', K+' ci returnUrl^ + expireDate iniBillKeyiMid', CARD),
         'payauth/card': ('POST', S+'payauth/card', 'form', K+' wpayToken! ci payMethod bankCardCode'+BUY+' cardQuota cardInterest couponCode flagPin returnUrl^ + flagCardPoint', PAID),
         'payauth/acct': ('POST', S+'payauth/acct', 'form', K+' wpayToken! ci payMethod bankCardCode'+BUY+' returnUrl^ + cshRecpSave cshRecpCode cshRecpInfo!', PAID),
         'payauth/stdMain': ('POST', S+'payauth/stdMain', 'form', K+' ci oid goodsName^ goodsPrice hppType buyerName^ buyerTel buyerEmail flagPin returnUrl^', PAID),
         'mypage': ('POST', S+'mypage', 'form', K+' returnUrl^', REPLY+' mid wtid wpayUserKey!'),
         'payauth/auto': ('POST', S+'payauth/auto', 'form', K+' wpayToken! ci payMethod bankCardCode oid goodsName^ goodsPrice returnUrl^ billkeyAppFlag + cardExpDate', AUTO),
         'payauth/auto/stdMain': ('POST', S+'payauth/auto/stdMain', 'form', 'mid nMid wpayUserKey! ci oid goodsName^ goodsPrice returnUrl^ billkeyAppFlag', AUTO),
         'old/memreg': ('POST', '/stdwpay/su/memreg', 'form', 'mid userId! ci! userNm^ hNum! hCorp birthDay! socialNo2 frnrYn returnUrl^', REPLY+' wtid userId! wpayUserKey! ci!'),
         'old/payreqauth': ('POST', '/stdwpay/su/payreqauth', 'form', K+' ci!'+BUY+' flagPin returnUrl^', REPLY+' wtid wpayUserKey! wpayToken!'),
         'old/mypage': ('POST', '/stdwpay/su/mypage', 'form', K+' cancelReturnUrl^', REPLY+' wtid wpayUserKey!'),
         'cst/u/memregci': ('POST', '/{site}/cst/u/memregci', 'form', 'mid userId! ci! userNm^ hNum! hCorp birthDay! socialNo2 returnUrl^', REPLY+' wtid userId! wpayUserKey! ci!'),
         'cst/u/memregci/under14': ('POST', '/{site}/cst/u/memregci/under14', 'form', 'mid userId! ci! userNm^ hNum! hCorp birthDay! socialNo2 agreeReqDate agreeReqNum agreeYn repNm^ repPhoneNum! authDate returnUrl^', REPLY+' wtid userId! wpayUserKey! ci!'),
         'cst/u/payreg/v2': ('POST', '/{site}/cst/u/payreg/v2', 'form', CK+' payMethod returnUrl^', CREG),
         'cst/u/payreg/simple': ('POST', '/{site}/cst/u/payreg/simple', 'form', CK+' bankCardCode cardIsscoCode returnUrl^', CREG),
         'cst/u/payreqauth': ('POST', '/{site}/cst/u/payreqauth', 'form', CT+BUY+' cardQuota cardInterest couponCode! flagPin flagPinMsg^ returnUrl^', CAUTH),
         'cst/u/payreqauth-auto': ('POST', '/{site}/cst/u/payreqauth', 'form', CT+' oid goodsName^ goodsPrice returnUrl^ billkeyAppFlag', CAUTH),
         'userinfo': ('GET', R+'userinfo', 'query', K+' ci'),
         'memunreg': ('POST', R+'memunreg', 'form', 'mid userId! wpayUserKey! ci'),
         'payappl/card': ('POST', R+'payappl/card', 'form', K+' ci wtid + tax taxFree cupDeposit'),
         'payappl/acct': ('POST', R+'payappl/acct', 'form', K+' ci wtid + tax taxFree'),
         'payreqapplcancel': ('POST', R+'payreqapplcancel', 'form', K+' wtid cancelMsg^'),
         'payinfo': ('GET', R+'payinfo', 'query', K+' wpayToken! ci'),
         'payinfos': ('GET', R+'payinfos', 'query', K+' ci payMethod bankCardCode'),
         'setmaj': ('POST', R+'setmaj', 'form', K+' wpayToken! ci'),
         'rlsmaj': ('POST', R+'rlsmaj', 'form', K+' wpayToken! ci'),
         'setncnm': ('POST', R+'setncnm', 'form', K+' wpayToken! ci wpayTokenNcnm^'),
         'delpayinfo': ('POST', R+'delpayinfo', 'form', K+' wpayToken! ci'),
         'getBasicInfos': ('GET', R+'getBasicInfos', 'query', 'mid + options'),
         'payinfo/auto': ('GET', R+'payinfo/auto', 'query', K+' wpayToken ci'),
         'billinginfos': ('GET', R+'billinginfos', 'query', K+' + status wtid wpayToken!'),
         'autopay/payreqappl': ('POST', '/stdwpay/std/apis/payreqappl', 'json', 'mid wpayUserKey! ci! wtid wpayToken oid goodsName goodsPrice buyerName buyerTel buyerEmail'),
         'autopay/autopaycancel': ('POST', '/{site}/std/rest/v1/autopaycancel', 'form', CK+' wtid'),
         'old/payreqappl': ('POST', '/stdwpay/apis/payreqappl', 'form', CK+' wtid'),
         'old/payreqapplcancel': ('POST', '/stdwpay/apis/payreqapplcancel', 'form', K+' wtid cancelMsg^'),
         'old/schMemRegInfo': ('GET', '/stdwpay/apis/schMemRegInfo', 'query', 'mid ci! userId! hNum!'),
         'cst/apis/memregci': ('POST', '/{site}/cst/apis/memregci', 'form', 'mid userId! ci! userNm^ hNum! birthDay! socialNo2'),
         'cst/apis/memunreg': ('POST', '/{site}/cst/apis/memunreg', 'form', 'mid userId! wpayUserKey! ci!'),
         'cst/apis/userinfo': ('GET', '/{site}/cst/apis/userinfo', 'query', CK),
         'cst/apis/directpayreg': ('POST', '/{site}/cst/apis/directpayreg', 'form', K+' ci bankCardCode cardRegKey!'),
         'cst/apis/payinfo': ('GET', '/{site}/cst/apis/payinfo', 'query', K+' wpayToken! ci!'),
         'cst/apis/delpayinfo': ('POST', '/{site}/cst/apis/delpayinfo', 'form', K+' wpayToken! ci!'),
         'cst/apis/payreqauth/otc': ('POST', '/{site}/cst/apis/payreqauth/otc', 'form', CT),
         'cst/apis/payreqappl': ('POST', '/{site}/cst/apis/payreqappl', 'form', CK+' wtid'),
         'cst/apis/payreqapplcancel': ('POST', '/{site}/cst/apis/payreqapplcancel', 'form', K+' wtid cancelMsg^'),
         'cst/apis/autopaycancel': ('POST', '/{site}/cst/apis/autopaycancel', 'form', CK+' wtid'),
        }
        cache = {}
        def seed(data, keys, decrypt):
            at = (data, keys['seedKey'], keys['seedIV'], decrypt)
            if at not in cache:
                command = ['openssl', 'enc', '-seed-cbc', '-provider', 'legacy', '-provider', 'default', '-K',
                           base64.b64decode(keys['seedKey']).hex(), '-iv', keys['seedIV'].encode().hex()] + (['-d'] if decrypt else [])
                done = subprocess.run(command, input=data, capture_output=True)
                assert done.returncode == 0, done.stderr.decode()
                cache[at] = done.stdout
            return cache[at]
        def encrypt(text, keys): return base64.b64encode(seed(text.encode(), keys, False)).decode() if text else ''
        def decrypt(text, keys): return seed(base64.b64decode(text), keys, True).decode() if text else ''
        def final(word, q):
            name = word.rstrip('!^')
            if name in q['final']: return name, q['final'][name]
            value = q['values'].get(name, '')
            if word.endswith('!'): value = encrypt(value, q['keys'])
            if word.endswith('^'): value = quote_plus(value, safe='*') if value else ''
            return name, value
        def digest(pairs, keys, label='hashKey'):
            return hashlib.sha256(('&'.join(n + '=' + v for n, v in pairs) + '&' + label + '=' + keys['hashKey']).encode()).hexdigest()
        def spoiled(text): return ('0' if text[0] != '0' else '1') + text[1:]
        def refund(q):
            v = q['values']; names = ['type', 'paymethod', 'timestamp', 'clientIp', 'mid', 'tid']
            if v['type'] == 'PartialRefund': names += ['price', 'confirmPrice']
            hashed = hashlib.sha512((q['keys']['iniApiKey'] + ''.join(v.get(n, '') for n in names)).encode()).hexdigest()
            if q['mistake'] == 'signature': hashed = spoiled(hashed)
            if q['mistake'] == 'upper': hashed = hashed.upper()
            return {'method': 'POST', 'path': '/api/v1/refund', 'type': 'application/x-www-form-urlencoded; charset=utf-8',
                    'body': urlencode(list(v.items()) + [('hashData', hashed)])}
        def call(q):
            if q['row'] == 'iniapi/refund': return refund(q)
            method, path, carrier, fields = ROWS[q['row']][:4]
            halves = (fields + ' + ').split(' + ')
            signed = [final(w, q) for w in halves[0].split()]
            unsigned = [final(w, q) for w in halves[1].split() if w.rstrip('!^') in q['values'] or w.rstrip('!^') in q['final']]
            order = list(signed)
            if q['mistake'] == 'order': order[0], order[1] = order[1], order[0]
            signature = digest(order, q['keys'], 'hash' if q['mistake'] == 'label' else 'hashKey')
            if q['mistake'] == 'signature': signature = spoiled(signature)
            if q['mistake'] == 'upper': signature = signature.upper()
            sent = signed + [('signature', signature)] + unsigned
            out = {'method': method, 'path': path.replace('{site}', q['site'])}
            if carrier == 'query': out['query'] = urlencode(sent)
            elif carrier == 'json': out['body'], out['type'] = json.dumps(dict(sent), ensure_ascii=False), 'application/json; charset=utf-8'
            else: out['body'], out['type'] = urlencode(sent), 'application/x-www-form-urlencoded; charset=utf-8'
            return out
        def callback(q):
            got, words = q['fields'], ROWS[q['row']][4].split()
            if any(w.rstrip('!^') not in got for w in words): return {'fields': None}
            # The old my page calls back by GET, where U fields are not encoded.
            if digest([(w.rstrip('!^'), got[w.rstrip('!^')]) for w in words], q['keys']) != got.get('signature'): return {'fields': None}
            def plain(w):
                v = got[w.rstrip('!^')]
                return decrypt(v, q['keys']) if w.endswith('!') else unquote_plus(v) if w.endswith('^') else v
            return {'fields': {w.rstrip('!^'): plain(w) for w in words}}
        for line in sys.stdin:
            q = json.loads(line)
            if q['do'] == 'call': answer = call(q)
            elif q['do'] == 'callback': answer = callback(q)
            else: answer = {'text': decrypt(q['text'], q['keys'])}
            print(json.dumps(answer, ensure_ascii=False))
        """#
}
