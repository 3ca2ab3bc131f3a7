// Writes and reads envelopes as Sentbe's published JavaScript sample does, on CryptoJS 3.1.2. Jobs come as JSON on standard input, results go out as JSON.
// The recipe is the sample's, the code is ours; a given salt takes the place of its random one, so that bytes can be compared.
// Usage: node envelope.js path/to/cryptojs/rollups/aes.js
'use strict';
const fs = require('fs');
const vm = require('vm');

// The library is a browser's script that declares a global.
const world = vm.createContext({});
vm.runInContext(fs.readFileSync(process.argv[2], 'utf8'), world);
const CryptoJS = vm.runInContext('CryptoJS', world);

const format = {
    stringify(params) {
        const parts = { ct: params.ciphertext.toString(CryptoJS.enc.Base64) };
        if (params.iv) parts.iv = params.iv.toString();
        if (params.salt) parts.s = params.salt.toString();
        return JSON.stringify(parts);
    },
    parse(text) {
        const parts = JSON.parse(text);
        const params = CryptoJS.lib.CipherParams.create({ ciphertext: CryptoJS.enc.Base64.parse(parts.ct) });
        if (parts.iv) params.iv = CryptoJS.enc.Hex.parse(parts.iv);
        if (parts.s) params.salt = CryptoJS.enc.Hex.parse(parts.s);
        return params;
    },
};

// CryptoJS draws the salt inside its key derivation; this is where another one can be put in.
const derive = CryptoJS.kdf.OpenSSL.execute;
let givenSalt = null;
CryptoJS.kdf.OpenSSL.execute = (password, keySize, ivSize, salt) =>
    derive.call(CryptoJS.kdf.OpenSSL, password, keySize, ivSize, salt || (givenSalt && CryptoJS.enc.Hex.parse(givenSalt)) || undefined);

const encrypt = (key, value) => CryptoJS.AES.encrypt(JSON.stringify(value), key, { format }).toString();
const decrypt = (key, text) => JSON.parse(CryptoJS.AES.decrypt(text, key, { format }).toString(CryptoJS.enc.Utf8));

const results = JSON.parse(fs.readFileSync(0, 'utf8')).map((job) => {
    const text = Buffer.from(job.text, 'base64').toString('utf8');
    givenSalt = job.salt || null;
    try {
        let out;
        if (job.do === 'encrypt') out = encrypt(job.key, text);
        else if (job.do === 'encrypt-object') out = encrypt(job.key, JSON.parse(text));
        else out = decrypt(job.key, text);
        if (typeof out !== 'string') return { error: typeof out };
        return { ok: Buffer.from(out, 'utf8').toString('base64') };
    } catch (error) {
        return { error: String(error) };
    }
});
console.log(JSON.stringify(results));
