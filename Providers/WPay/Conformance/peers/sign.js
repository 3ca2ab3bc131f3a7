// Signs WPAY messages: name=value pairs joined by &, the key last, SHA-256 in lower-case hexadecimal. Jobs come as JSON on standard input, results go out as JSON.
'use strict';
const crypto = require('crypto');
const results = JSON.parse(require('fs').readFileSync(0, 'utf8')).map((job) => {
    const values = {};
    for (const [name, value, mark] of job.fields) values[name] = mark === 'U' ? encodeURIComponent(value) : value;
    const message = [...Object.entries(values), ['hashKey', job.hashKey]].map((pair) => pair.join('=')).join('&');
    return { values, signature: crypto.createHash('sha256').update(message, 'utf8').digest('hex') };
});
console.log(JSON.stringify(results));
