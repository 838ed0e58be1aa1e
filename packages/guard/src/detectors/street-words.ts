import { plainWord } from '../core/reader.ts'

const listed = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/).filter((word) => word !== '').map(plainWord))

/** What stands after a street's name in English, in full and as the United States Postal Service abbreviates it (Publication 28, appendix C1). */
export const surelyStreet = listed(`street st avenue ave av boulevard blvd road rd lane ln drive dr court ct terrace ter crescent cres highway hwy parkway pkwy circle cir square sq close mews turnpike tpke expressway freeway driveway`)
/** The same, where the word has other meanings: a postcode or a unit must follow. */
export const perhapsStreet = listed(`alley annex arcade bayou beach bend bluff bottom branch bridge brook burg bypass camp canyon cape causeway center centre cliff club common corner course cove creek crest crossing crossroad curve dale dam divide estate extension fall ferry field flat ford forest forge fork fort garden gateway glen green grove harbor harbour haven heights hill hollow hts inlet island isle junction key knoll lake land landing light loaf lock lodge loop mall manor meadow mill mission motorway mount mountain neck orchard oval overpass park pass passage path pike pine pl place plain plaza point port prairie radial ramp ranch rapid rest ridge river row route rue run shoal shore skyway spring spur station stravenue stream summit throughway trace track trafficway trail trailer tunnel underpass union valley viaduct view village ville vista walk wall way well wells yard rise gardens`)

/** What stands before a street's name in Romance and Slavic languages, and the country whose postcodes follow. */
export const streetBefore: Readonly<Record<string, string>> = Object.fromEntries(Object.entries({
  FR: 'rue avenue boulevard place chemin impasse allée quai cours route square passage ruelle faubourg esplanade promenade sentier bd bvd',
  ES: 'calle avenida avda plaza pza paseo ronda glorieta camino carrer carretera rambla travesía pasaje cuesta callejón alameda vial acceso cañada urbanización c',
  IT: 'via viale piazza piazzale corso largo vicolo strada contrada borgo stretto rotonda canale incrocio lungomare salita',
  PT: 'rua travessa praça estrada beco calçada rodovia',
  PL: 'ul ulica al aleja aleje plac pl osiedle os',
  RU: 'ул улица пр проспект пер переулок пл площадь бульвар шоссе вул вулиця',
}).flatMap(([country, words]) => words.split(' ').map((word) => [plainWord(word), country])))

/** Of those, words of English too: a number behind them proves too little. */
export const alsoEnglish = listed('avenue boulevard place route square passage court cours via strada promenade esplanade largo corso ronda')

/** How a street's name ends where it is one word with its kind, and whose postcodes follow. Surely a street, when a number stands behind it. */
export const streetEndings: readonly (readonly [ending: string, country: string])[] = ([
  ['DE', 'straße strasse str weg platz allee gasse ufer damm chaussee steig graben stieg zeile brücke'],
  ['NL', 'straat laan plein gracht singel kade dijk steeg plantsoen dreef'],
  ['SE', 'gatan vägen gränd torget stigen'],
  ['DK', 'vej stræde gade'],
  ['NO', 'veien vegen'],
  ['FI', 'katu kuja polku'],
] as const).flatMap(([country, words]) => words.split(' ').map((word) => [plainWord(word), country] as const))
/** The same, where other words end so too: a postcode must follow. */
export const perhapsStreetEndings: readonly (readonly [ending: string, country: string])[] = ([
  ['DE', 'ring hof berg markt feld wiese pfad'], ['NL', 'weg pad hof ring baan'], ['NO', 'gate'], ['DK', 'alle'], ['FI', 'tie'], ['SE', 'gata'],
] as const).flatMap(([country, words]) => words.split(' ').map((word) => [plainWord(word), country] as const))

/** Words that stand before a flat's, floor's or suite's number. */
export const units = listed(`apt apartment suite ste unit flat floor fl room rm building bldg studio piso puerta planta escalera piano appartamento interno int scala appartement étage bâtiment bat wohnung etage stock lejl m кв квартира оф корп д дом nr no`)

/** Small words inside streets and towns. */
export const joining = listed(`de du des la le les l d del della delle dei degli di da do dos das of the upon on in an am der den dem zum zur im bei a y e i sur sous en op aan ter ten het van von s-`)

/** Postcodes of the United States begin with a figure for each region; two-letter codes of states, districts and territories (USPS, Publication 28, appendix B). */
export const states: Readonly<Record<string, string>> = Object.fromEntries(
  ['CT MA ME NH NJ RI VT PR VI', 'DE NY PA', 'DC MD NC SC VA WV', 'AL FL GA MS TN', 'IN KY MI OH', 'IA MN MT ND SD WI', 'IL KS MO NE', 'AR LA OK TX', 'AZ CO ID NM NV UT WY', 'AK AS CA GU HI MP OR WA']
    .flatMap((codes, first) => codes.split(' ').map((code) => [code, String(first)])),
)

/** Words that say an address follows, lower case, right before it. */
export const announcedAddress = /(?:address|addresse?|lives? (?:at|in|on)|living at|reside[sd]? at|residing at|located at|ship(?:ped)? (?:it )?to|sent? (?:it )?to|deliver(?:ed)? (?:it )?to|mail(?:ed)? to|meet (?:me )?at|bill(?:ed)? to|anschrift|adresse|wohn(?:e|t|haft) (?:in|an|bei)|rechnung an|lieferung an|an|adresse est|habite|domicilié|livre[rz]? (?:à|au)|direcci[óo]n|vivo en|vive en|domicilio|env[íi]ar a|indirizzo|abito in|residente in|spedire a|adres|woon(?:t|achtig)? (?:in|op|aan)|bezorgen op|morada|endere[çc]o|adress|osoite|адрес)(?: is| ist| est| es| è)?:?\s$/
