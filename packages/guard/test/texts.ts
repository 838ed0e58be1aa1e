import fc from 'fast-check'

/** Pieces that detectors care about, made up for the tests; glued together they make texts worth cutting. */
export const pieces: readonly string[] = [
  'plain words in a row ', 'Call me, ', '\n', ' ', '. ', ', ', '-', '--', '@', ':', '=', '"', "'", '(', ')', '[', ']', '/', '+', '.', 'a', 'Z', '7', '0',
  'nora.lind@example.org', 'x@y', 'post@büro.example', '"quoted"@example.com', 'a.b-c+d@mail.example.co.uk.',
  '4111 1111 1111 1111', '4111-1111-1111-1111', '378282246310005', '4111 1111 1111 1112', '12 34 56 78 90', '99999999999999999999999999',
  'sk-proj-', 'sk-ant-api03-', 'AKIA', 'AKIAQ3EGRZ5XJH7LN2PW', 'ghp_', 'Zk3vQ9xT1mB7cR5wL0yH8nJ2pD6sF4gA', 'sk_live_9aB3dE7fG1hJ5kL2', 'xoxb-', '1234567890-', 'sk-your-api-key-here',
  '-----BEGIN RSA PRIVATE KEY-----\n', 'MIIEpAIBAAKCAQEA7bq2Zk3vQ9xT1mB7cR5wL0yH8nJ2pD6sF4gA\n', '-----END RSA PRIVATE KEY-----', '-----BEGIN', '-----',
  'CANARY-7f3a9c5e1b', 'C A N A R Y - 7 f 3 a 9 c 5 e 1 b', 'b1e5c9a3f7-YRANAC', 'canary7f3a',
  '\u200b', '\u{e0041}', '\ufeff', 'ｎｏｒａ＠example.com', '４１１１ １１１１ １１１１ １１１１', 'é', '日本語', '🙂', '\ud83d', 'Ⅳ', '½',
  'phone: ', '+49 171 5548412', '(415) 555-2671', '06 12 34 56 78', 'call 020 7946 0958', 'SSN 219-09-9999', '219-09-9999', 'DOB: ', '14/03/1985', 'born on March 3, 1985', 'né le 3 mars 1985',
  'DE89 3704 0044 0532 0130 00', 'GB29NWBK60161331926819', 'IBAN ', '192.168.10.77', '2001:db8::8a2e:370:7334', '00:1A:2b:3C:4d:5E', '::', '1.2.3.4.5',
  'password: ', 'password=', 'api_key = "', 'hunter2!x', 'https://user:s3cr3tpass@host.example/path', '://', 'eyJhbGciOiJIUzI1NiJ9.', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0.', 'dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U', 'Bearer ',
  'Mr. Tomas Berg', 'my name is Ana Souza', '12 Elm Street, Springfield, IL 62704', 'Hauptstraße 5, 10115 Berlin', '10 rue de la Paix, 75002 Paris',
  'Dear Ms Okafor,', 'Ingrid ', 'Solheim', 'Dr. ', ' <', 'Via Roma, 12, 20121 Milano (MI)', 'Flat 2, ', '48 Elm ', 'Street', 'ul. Długa 5', '我叫王小明，', 'Lange Gasse ', 'van der ', 'Name: ', 'Меня зовут Ольга ',
  'key=aB3dE5fG7hI9jK1', 'here is my token ', 'token=', 'pass:', '===', 'aB3dE5fG7hI9jK1mN',
  '--password hunter22 ', '--api-key=aB3dE5fG7hI9jK1 ', ' -u bob:hunter22 ', 'is ',
  'NIF 12345678Z', 'CPF 529.982.247-25', '85073003328',
]

/** Texts glued from the pieces and from arbitrary characters. */
export const textArbitrary: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...pieces) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) }), { maxLength: 12 })
  .map((parts) => parts.join(''))

const values = ['nora.lind@example.org', '4111 1111 1111 1111', '378282246310005', 'AKIAQ3EGRZ5XJH7LN2PW', 'sk_live_9aB3dE7fG1hJ5kL2', '+49 171 5548412', '(415) 555-2671', '219-09-9999', 'DE89 3704 0044 0532 0130 00', '192.168.10.77', '2001:db8::8a2e:370:7334', '00:1A:2b:3C:4d:5E', 'plain words in a row', 'and so on.', '日本語 🙂', 'Ｆｕｌｌ', 'Ingrid Solheim', 'Dr. Oyelaran', 'my name is', 'Hauptstraße 5, 10115 Berlin']

/** Values that prove themselves, standing apart as people write them. */
export const spacedTextArbitrary: fc.Arbitrary<string> = fc.array(fc.constantFrom(...values), { maxLength: 12 }).map((parts) => parts.join(' '))

/** Cuts a text at the given places, in order. */
export function cutAt(text: string, places: readonly number[]): string[] {
  const sorted = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
  return [0, ...sorted].map((start, index) => text.slice(start, sorted[index] ?? text.length))
}
