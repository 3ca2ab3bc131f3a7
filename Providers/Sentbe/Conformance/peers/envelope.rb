# Writes and reads envelopes as Sentbe's published Ruby sample does, its mistakes included. Jobs come as JSON on standard input, results go out as JSON.
# The recipe is the sample's, the code is ours; a given salt takes the place of its random one, so that bytes can be compared.
require 'openssl'
require 'base64'
require 'json'

def rounds(key, salt)
  salted = ''.b
  dx = ''.b
  while salted.length < 48
    dx = Digest::MD5.digest(dx + key.b + salt.b)
    salted << dx
  end
  salted
end

def encrypt(key, value, salt, wraps)
  salted = rounds(key, salt)
  aes = OpenSSL::Cipher.new('AES-256-CBC')
  aes.encrypt
  aes.key = salted[0..31]
  aes.iv = salted[32..-1]
  crypt = aes.update(value.to_json) + aes.final
  ct = wraps ? Base64.encode64(crypt) : Base64.strict_encode64(crypt).strip
  { 'ct' => ct, 'iv' => salted[32..-1].unpack1('H*'), 's' => salt.unpack1('H*') }.to_json
end

def decrypt(key, text, last)
  data = JSON.parse(text)
  salt = [data['s']].pack('H*')
  result = rounds(key, salt)
  aes = OpenSSL::Cipher.new('AES-256-CBC')
  aes.decrypt
  # The sample takes [0..32], which is one byte too many.
  aes.key = result[0..last]
  aes.iv = [data['iv']].pack('H*')
  plain = aes.update(Base64.decode64(data['ct'])) + aes.final
  plain[1..-2].gsub('\\"', '"').gsub('\\n', '')
end

results = JSON.parse($stdin.read).map do |job|
  salt = job['salt'] ? [job['salt']].pack('H*') : Random.new.bytes(8)
  text = Base64.decode64(job['text']).force_encoding('UTF-8')
  out = case job['do']
        when 'encrypt' then encrypt(job['key'], text, salt, false)
        when 'encrypt-object' then encrypt(job['key'], JSON.parse(text), salt, false)
        when 'encrypt-wrapped' then encrypt(job['key'], text, salt, true)
        when 'decrypt' then decrypt(job['key'], text, 32)
        when 'decrypt-repaired' then decrypt(job['key'], text, 31)
        end
  { 'ok' => Base64.strict_encode64(out) }
rescue StandardError => e
  { 'error' => e.message }
end
puts results.to_json
