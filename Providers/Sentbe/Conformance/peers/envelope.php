<?php
// Writes and reads envelopes as Sentbe's published PHP sample does. Jobs come as JSON on standard input, results go out as JSON.
// The recipe is the sample's, the code is ours; a given salt takes the place of its random one, so that bytes can be compared.

function rounds($key, $salt) {
    $salted = '';
    $dx = '';
    while (strlen($salted) < 48) {
        $dx = md5($dx . $key . $salt, true);
        $salted .= $dx;
    }
    return $salted;
}

function encrypt($key, $value, $salt) {
    $salted = rounds($key, $salt);
    $iv = substr($salted, 32, 16);
    // The sample passes true for the options, which happens to be OPENSSL_RAW_DATA.
    $crypt = openssl_encrypt(json_encode($value), 'aes-256-cbc', substr($salted, 0, 32), true, $iv);
    return json_encode(array('ct' => base64_encode($crypt), 'iv' => bin2hex($iv), 's' => bin2hex($salt)));
}

function decrypt($key, $text) {
    $data = json_decode($text, true);
    $salted = rounds($key, hex2bin($data['s']));
    $plain = openssl_decrypt(base64_decode($data['ct']), 'aes-256-cbc', substr($salted, 0, 32), true, hex2bin($data['iv']));
    return json_decode($plain, true);
}

$results = array();
foreach (json_decode(file_get_contents('php://stdin'), true) as $job) {
    $salt = isset($job['salt']) ? hex2bin($job['salt']) : openssl_random_pseudo_bytes(8);
    $text = base64_decode($job['text']);
    switch ($job['do']) {
        case 'encrypt': $out = encrypt($job['key'], $text, $salt); break;
        case 'encrypt-object': $out = encrypt($job['key'], json_decode($text, true), $salt); break;
        case 'decrypt': $out = decrypt($job['key'], $text); break;
        default: $out = null;
    }
    $results[] = is_string($out) ? array('ok' => base64_encode($out)) : array('error' => 'null');
}
echo json_encode($results), "\n";
