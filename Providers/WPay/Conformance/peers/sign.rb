# Signs WPAY messages: name=value pairs joined by &, the key last, SHA-256 in lower-case hexadecimal. Jobs come as JSON on standard input, results go out as JSON.
require 'digest'
require 'json'
require 'uri'

results = JSON.parse($stdin.read).map do |job|
  values = job['fields'].to_h { |name, value, mark| [name, mark == 'U' ? URI.encode_www_form_component(value) : value] }
  message = (values.map { |name, value| "#{name}=#{value}" } + ["hashKey=#{job['hashKey']}"]).join('&')
  { 'values' => values, 'signature' => Digest::SHA256.hexdigest(message) }
end
puts results.to_json
