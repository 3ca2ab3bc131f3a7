<?php
// Signs WPAY messages: name=value pairs joined by &, the key last, SHA-256 in lower-case hexadecimal. Jobs come as JSON on standard input, results go out as JSON.
$results = array();
foreach (json_decode(file_get_contents('php://stdin'), true) as $job) {
    $pairs = array();
    $values = array();
    foreach ($job['fields'] as $field) {
        list($name, $value, $mark) = $field;
        $value = $mark === 'U' ? urlencode($value) : $value;
        $values[$name] = $value;
        $pairs[] = $name . '=' . $value;
    }
    $pairs[] = 'hashKey=' . $job['hashKey'];
    $results[] = array('values' => $values, 'signature' => hash('sha256', implode('&', $pairs)));
}
echo json_encode($results), "\n";
