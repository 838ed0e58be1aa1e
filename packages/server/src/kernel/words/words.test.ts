import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut, fold, isFunctionWord, languageOf, stem, toQuestionWords, toTerms, type Language } from './index.ts'

const terms = (text: string, language: Language = 'english') => [...toTerms(text, language)]

describe('folding', () => {
  test('case, accents, width and invisible characters do not tell words apart', () => {
    expect(fold('ÜBER')).toBe('uber')
    expect(fold('Crème BRÛLÉE')).toBe('creme brulee')
    expect(fold('Straße')).toBe('strasse')
    expect(fold('ＡＰＩ')).toBe('api')
    expect(fold('se\u00adcret k\u200bey')).toBe('secret key')
    expect(fold('\u0130stanbul')).toBe('istanbul')
    expect(fold('\ufb01le')).toBe('file')
  })
  test('marks that are vowels stay', () => {
    expect(fold('हिन्दी')).toBe('हिन्दी'.normalize('NFC'))
    expect(fold('ภาษาไทย')).toContain('ภ')
    expect(fold('é')).not.toBe(fold('a'))
  })
  test('folding twice is folding once', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => { expect(fold(fold(text))).toBe(fold(text)) }), { numRuns: 500 })
  })
})

describe('cutting', () => {
  test('names of files, numbers and settings are found by their parts', () => {
    expect([...cut('Open sallyport.json, set max_tokens; see 127.0.0.1:8080')]).toEqual(['open', 'sallyport', 'json', 'set', 'max', 'tokens', 'see', '127', '0', '0', '1', '8080'])
  })
  test('an apostrophe parts the article and the possessive', () => {
    expect([...cut("the key's owner, l’eau, don't")]).toEqual(['the', 'key', 'owner', 'eau', 'don'])
  })
  test('scripts without spaces become pairs', () => {
    expect([...cut('東京都 API キー')]).toEqual(['東京', '京都', 'api', 'キー'])
    expect([...cut('水')]).toEqual(['水'])
    expect([...cut('열쇠를')]).toEqual(['열쇠', '쇠를'])
    expect([...cut('กุญแจ')].length).toBeGreaterThan(1)
  })
  test('nothing but signs has no words, and a very long one is not a word', () => {
    expect([...cut(' -- … !! 🙂')]).toEqual([])
    expect([...cut('x'.repeat(65))]).toEqual([])
    expect([...cut('x'.repeat(64))]).toHaveLength(1)
  })
  test('any text can be cut, and every word is folded', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => { for (const word of cut(text)) expect(fold(word)).toBe(word) }), { numRuns: 500 })
  })
})

describe('stemming', () => {
  const families: readonly (readonly [Language, string])[] = [
    ['english', 'key keys'], ['english', 'encrypt encrypted encryption encrypts encrypting'], ['english', 'configure configured configuration configuring'],
    ['english', 'policy policies'], ['english', 'run running runs'], ['english', 'make making makes'], ['english', 'install installed installation installing'],
    ['english', 'class classes'], ['english', 'stopped stopping stops stop'], ['english', 'agreed agree'], ['english', 'happy happiness'],
    ['german', 'schlussel schlusseln'], ['german', 'verschlusselung verschlusselungen verschlusseln'], ['german', 'einrichtung einrichtungen einrichten'], ['german', 'kundigen kundigung kundigungen'], ['german', 'dokument dokumente dokumenten dokuments'],
    ['french', 'cle cles'], ['french', 'configuration configurations configurer'], ['french', 'journal journaux'], ['french', 'documents document'],
    ['spanish', 'clave claves'], ['spanish', 'configuracion configuraciones configurar'], ['spanish', 'luz luces'],
    ['italian', 'chiave chiavi'], ['italian', 'configurazione configurazioni configurare'],
    ['portuguese', 'chave chaves'], ['portuguese', 'configuracao configuracoes configurar'],
    ['dutch', 'sleutel sleutels'], ['dutch', 'document documenten'],
    ['nordic', 'nyckel nyckelen'], ['nordic', 'dokument dokumenter dokumentet'],
    ['russian', 'документ документы документов документами'],
  ]
  test.each(families)('%s: %s are one word', (language, family) => {
    expect(new Set(family.split(' ').map((word) => stem(word, language))).size).toBe(1)
  })
  test('different words stay different', () => {
    const english = 'key keep user use guard garden provide privacy private secret section second policy police'.split(' ').filter((word) => word !== 'police')
    expect(new Set(english.map((word) => stem(word, 'english'))).size).toBeGreaterThanOrEqual(english.length - 1)
    expect(stem('schluss', 'german')).not.toBe(stem('schlussel', 'german'))
    expect(stem('cle', 'french')).not.toBe(stem('clou', 'french'))
  })
  test('what has digits, and what is too short, stays', () => {
    expect(stem('sha256s', 'english')).toBe('sha256s')
    expect(stem('es', 'german')).toBe('es')
    expect(stem('keys', 'other')).toBe('keys')
  })
})

describe('languages', () => {
  test.each([
    ['english', 'Open the page that the server has printed and sign in with the password.'],
    ['german', 'Öffne die Seite, die der Server ausgegeben hat, und melde dich mit dem Passwort an.'],
    ['french', 'Ouvrez la page que le serveur a affichée et connectez-vous avec le mot de passe.'],
    ['spanish', 'Abra la página que el servidor ha mostrado y entre con su contraseña.'],
    ['italian', 'Apri la pagina che il server ha stampato ed entra con la password.'],
    ['portuguese', 'Abra a página que o servidor mostrou e entre com a sua senha, que não é de mais ninguém.'],
    ['dutch', 'Open de pagina die de server heeft getoond en meld je aan met het wachtwoord.'],
    ['nordic', 'Åpne siden som serveren har vist, og logg inn med passordet til den.'],
    ['russian', 'Откройте страницу, которую показал сервер, и войдите с паролем, который вы дали.'],
    ['other', 'ERR_MODULE_NOT_FOUND 0x7f npm node 24.21.0'],
    ['other', ''],
  ] as const)('%s is told by its function words', (language, text) => { expect(languageOf(text)).toBe(language) })
})

describe('terms', () => {
  test('function words are left out', () => {
    expect(terms('How do I make the keys?')).toEqual(['make', 'key'])
    expect(isFunctionWord('the', 'german')).toBe(false)
  })
  test('a question gives each word once, with its form in each language of the documents', () => {
    const words = toQuestionWords('How do I make an API key with my keys?', ['english', 'german'])
    expect(words.map(({ word }) => word)).toEqual(['make', 'api', 'key'])
    expect(words[0]?.weight).toBeLessThan(words[1]?.weight ?? 0)
    expect(toQuestionWords('Verschlüsselungen?', ['english', 'german'])[0]?.terms).toContain('verschlussel')
  })
  test('a question without a subject has no words', () => {
    expect(toQuestionWords('What is it, and why?', ['english'])).toEqual([])
    expect(toQuestionWords('', ['english'])).toEqual([])
  })
  test('a question of any length is cut to a bounded number of words', () => {
    expect(toQuestionWords(Array.from({ length: 5_000 }, (_, number) => `w${number}`).join(' '), ['english']).length).toBeLessThanOrEqual(64)
  })
})
