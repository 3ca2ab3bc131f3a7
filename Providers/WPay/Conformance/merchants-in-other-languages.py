#!/usr/bin/env python3
"""Merchants written in PHP, Ruby, JavaScript and Java sign and verify, and the built binary must agree with each of them in both directions.

Every merchant does what the signature document says in its own language's way and with its own language's URL encoder; SEED is OpenSSL's own command.
The document's own Java sample, which joins values without their names, must be recognized as that mistake.
A language that is not installed is reported as skipped, by name. Usage: merchants-in-other-languages.py path/to/bujeol
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

HASH_KEY = "made-up-hash-key-0123456789abcde"
SEED_KEY = bytes(range(16))
SEED_IV = b"MADE-UP-IV-16-BY"
ORDER = (
    "mid wpayUserKey wpayToken ci payMethod bankCardCode oid goodsName goodsPrice buyerName buyerTel buyerEmail cardQuota cardInterest"
    " couponCode flagPin returnUrl"
)
ENCODED = "goodsName buyerName returnUrl"
FIELDS = {
    "mid": "INIwpayT03", "ci": "", "payMethod": "01", "bankCardCode": "06", "oid": "ORDER-0001", "goodsName": "통신 오류 ~!*'() 50% & 사과",
    "goodsPrice": "1000", "buyerName": "홍길동", "buyerTel": "010-1234-5678", "buyerEmail": "buyer@example.com", "cardQuota": "00",
    "cardInterest": "N", "couponCode": "", "flagPin": "Y", "returnUrl": "https://shop.example/return?a=1&b=2",
}

# Each reads name=value lines on standard input and the hashKey as its argument. It prints the form's body, and below it the signature of the values
# alone, joined as the document's sample joins them.
PHP = r'''
$order = explode(' ', getenv('ORDER')); $encoded = explode(' ', getenv('ENCODED')); $given = [];
foreach (explode("\n", trim(stream_get_contents(STDIN))) as $line) { [$n, $v] = explode('=', $line, 2); $given[$n] = $v; }
$message = ''; $values = ''; $form = [];
foreach ($order as $n) {
    $v = in_array($n, $encoded) ? urlencode($given[$n] ?? '') : ($given[$n] ?? '');
    $message .= "$n=$v&"; $values .= "$v&"; $form[$n] = $v;
}
$form['signature'] = hash('sha256', $message . 'hashKey=' . $argv[1]);
echo http_build_query($form), "\n", hash('sha256', $values . $argv[1]), "\n";
'''
RUBY = r'''
require 'digest'; require 'erb'; require 'uri'
given = STDIN.read.force_encoding('UTF-8').split("\n").map { |l| l.split('=', 2) }.to_h
encoded = ENV['ENCODED'].split
form = ENV['ORDER'].split.map { |n| [n, encoded.include?(n) ? ERB::Util.url_encode(given[n].to_s) : given[n].to_s] }
message = form.map { |n, v| "#{n}=#{v}" }.join('&') + '&hashKey=' + ARGV[0]
puts URI.encode_www_form(form + [['signature', Digest::SHA256.hexdigest(message)]])
puts Digest::SHA256.hexdigest((form.map(&:last) + [ARGV[0]]).join('&'))
'''
JAVASCRIPT = r'''
const crypto = require('crypto'), key = process.argv.at(-1), encoded = process.env.ENCODED.split(' ');
const given = Object.fromEntries(require('fs').readFileSync(0, 'utf8').trim().split('\n').map(l => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]));
const form = process.env.ORDER.split(' ').map(n => [n, encoded.includes(n) ? encodeURIComponent(given[n] ?? '') : given[n] ?? '']);
const sha = text => crypto.createHash('sha256').update(text, 'utf8').digest('hex');
const signature = sha(form.map(([n, v]) => n + '=' + v).join('&') + '&hashKey=' + key);
console.log(new URLSearchParams([...form, ['signature', signature]]).toString());
console.log(sha([...form.map(f => f[1]), key].join('&')));
'''
JAVA = r'''
import java.net.URLEncoder; import java.nio.charset.StandardCharsets; import java.security.MessageDigest; import java.util.*;
public class Merchant {
    static String makeSignature(String message) throws Exception {
        MessageDigest md = MessageDigest.getInstance("SHA-256");
        md.update(message.getBytes(StandardCharsets.UTF_8));
        StringBuilder sb = new StringBuilder();
        for (byte b : md.digest()) { String hex = Integer.toHexString(0xff & b); if (hex.length() == 1) sb.append("0"); sb.append(hex); }
        return sb.toString();
    }
    public static void main(String[] args) throws Exception {
        Map<String, String> given = new HashMap<>();
        for (String line : new String(System.in.readAllBytes(), StandardCharsets.UTF_8).trim().split("\n")) {
            int at = line.indexOf('='); given.put(line.substring(0, at), line.substring(at + 1));
        }
        List<String> encoded = Arrays.asList(System.getenv("ENCODED").split(" "));
        String message = "", values = "", form = "";
        for (String n : System.getenv("ORDER").split(" ")) {
            String v = given.getOrDefault(n, "");
            if (encoded.contains(n)) v = URLEncoder.encode(v, "UTF-8");
            message += n + "=" + v + "&"; values += v + "&"; form += n + "=" + URLEncoder.encode(v, "UTF-8") + "&";
        }
        System.out.println(form + "signature=" + makeSignature(message + "hashKey=" + args[0]));
        System.out.println(makeSignature(values + args[0]));
    }
}
'''


def seed(text):
    command = ["openssl", "enc", "-seed-cbc", "-provider", "legacy", "-provider", "default", "-K", SEED_KEY.hex(), "-iv", SEED_IV.hex()]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    return base64.b64encode(done.stdout).decode()


def languages(folder):
    java = os.path.join(folder, "Merchant.java")
    with open(java, "w") as file:
        file.write(JAVA)
    return [
        ("PHP", ["php", "-r", PHP, "--"]), ("Ruby", ["ruby", "-e", RUBY, "--"]), ("JavaScript", ["node", "-e", JAVASCRIPT, "--"]), ("Java", ["java", java]),
    ]


def check(what, condition, seen):
    if not condition:
        print(f"FAILED {what}: {seen}")
        sys.exit(1)
    print(f"  ok {what}")


def main():
    bujeol = os.path.abspath(sys.argv[1])
    plain = {"wpayUserKey": "WP202601010000000001", "wpayToken": "TK202601010000000002"}
    sent = {**FIELDS, **{name: seed(value) for name, value in plain.items()}}
    environment = {
        **os.environ, "ORDER": ORDER, "ENCODED": ENCODED, "HASH_KEY": HASH_KEY, "SEED_KEY": base64.b64encode(SEED_KEY).decode(),
        "SEED_IV": SEED_IV.decode(), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
    }
    keys = ["--hash-key-environment", "HASH_KEY", "--seed-key-environment", "SEED_KEY", "--seed-iv-environment", "SEED_IV"]

    def run(arguments, text=""):
        return subprocess.run([bujeol, "wpay", *arguments, *keys], input=text, capture_output=True, text=True, env=environment)

    own = run(["sign", "payauth/card", *[f"{n}={v}" for n, v in {**FIELDS, **plain}.items()]])
    check("bujeol signs plain values", own.returncode == 0, own.stderr)
    _, signature, body = own.stdout.splitlines()
    received = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
    message = "".join(f"{n}={received[n]}&" for n in ORDER.split()) + "hashKey=" + HASH_KEY
    check("Python verifies what bujeol signed", hashlib.sha256(message.encode()).hexdigest() == signature == received["signature"], body)

    with tempfile.TemporaryDirectory() as folder:
        for language, command in languages(folder):
            given = "\n".join(f"{n}={v}" for n, v in sent.items())
            done = None
            if shutil.which(command[0]):
                done = subprocess.run([*command, HASH_KEY], input=given, capture_output=True, text=True, env=environment)
            if done is None or (language == "Java" and done.returncode != 0 and "Merchant.java" not in done.stderr):
                print(f"  skipped {language}: not installed")
                continue
            check(f"{language} signs", done.returncode == 0, done.stderr)
            body, values = done.stdout.splitlines()
            right = run(["explain", "payauth/card", "--form"], body)
            check(f"bujeol agrees with {language}", right.returncode == 0, right.stdout + right.stderr)
            if language == "Java":
                check("Java's encoder and signature are bujeol's, to the byte", body == own.stdout.splitlines()[2], body)
            wrong = run(["explain", "payauth/card", "--form", "--signature", values], body)
            check(
                f"the document's sample, in {language}, is recognized",
                wrong.returncode == 1 and "values were joined by & without their names" in wrong.stdout, wrong.stdout + wrong.stderr)


main()
