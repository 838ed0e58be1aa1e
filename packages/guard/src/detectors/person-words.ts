import { plainWord } from '../core/reader.ts'

const listed = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/).filter((word) => word !== '').map(plainWord))

/** Titles that stand before a name, without their full stop. They are part of the name that is found. */
export const honorifics = listed(`mr mrs ms miss mx dr prof professor sir lady dame rev reverend fr father sister rabbi imam hon judge justice capt captain lt col sgt gen
herr frau hr fr dipl ing univ mag dkfm doktor professorin
m mme mlle monsieur madame mademoiselle maitre docteur
sr sra srta don dona señor señora señorita dn dña doctor doctora lic
sig sigra signor signora signorina dott dottssa dottor dottoressa avv arch geom ragr cav
dhr mevr mw mevrouw meneer de heer drs ir mr
senhor senhora dra exmo
pan pani panna mgr inz
fru froken
господин госпожа г-н г-жа
bay bayan
shri smt sri`)

/** Small words inside a name. */
export const particles = listed('van von vom zu zum zur der den dem de del della delle dei degli di da do dos das du des la le el al bin ibn ben bint ter ten te af av y e i und und ')

/** Words that begin with a capital and end a name, or show that it is none: of firms, places, streets, calendars, and of sentences. */
export const noNames = listed(`street st road rd avenue ave boulevard blvd lane drive court square place way bridge park station airport hospital university college school institute academy museum church cathedral hotel restaurant cafe theatre theater stadium arena center centre tower building hall house county city state valley river lake mountain island bay beach
inc ltd llc llp plc corp corporation company co gmbh ag kg ohg ug sa sas sarl srl spa snc bv nv ab oy as aps holding group bank partners associates foundation society club team band orchestra festival award prize cup league act law theorem algorithm effect disease syndrome method test
monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz juni juli oktober dezember
i the a an and or but if when while where who what why how this that these those it he she we you they my your his her our their is are was were be been has have had do does did will would can could should may might must not no yes please thanks thank hi hello dear from to for with without about at by in on of as so then than there here also just now today tomorrow yesterday
straße strasse platz weg allee gasse rue place chemin impasse via viale piazza corso calle avenida plaza paseo rua praça
der die das ein eine und oder aber wenn ich du er sie es wir ihr mein dein ist sind war bitte danke
le les un une et ou mais je tu il elle nous vous mon ma mes est sont merci
los las unos y pero yo tú él ella nosotros mi tu su es son gracias
team all everyone everybody world folks customer customers sir madam sirs colleague colleagues support friend friends guest guests manager reader readers subscriber damen herren kunde kundin monsieur madame mesdames messieurs cliente clienti tutti todos equipo señores
api gmt utc url http https json xml html css sql server client error warning exception version release build system user admin test example sample documentation docs guide studio code cloud web app data base model assistant`)

/** What announces a name right before it, in lower case: sentences of some twenty languages. */
export const announced = /(?:^|[^\p{L}])(?:(?:my|his|her|their|whose|the) (?:full |real )?name is|name's|call me|(?:am|was|is|were|are|be) (?:called|named)|speaking with|signed by|on behalf of|account ?holder|card ?holder|holder of the card|in the name of|registered to|ich heiße|ich heisse|mein name ist|namens|im namen von|kontoinhaber(?:in)?|unterzeichnet von|je m'appelle|je suis|mon nom est|s'appelle|nommée?|titulaire|au nom de|signé par|me llamo|mi nombre es|soy|se llama|llamad[oa]|a nombre de|titular|firmado por|mi chiamo|il mio nome è|si chiama|intestat[oa] a|a nome di|firmato da|mijn naam is|ik heet|genaamd|ten name van|rekeninghouder|me chamo|o? ?meu nome é|chama-se|em nome de|nazywam się|mam na imię|jmenuji se|nevem|jag heter|mitt namn är|jeg hedder|jeg heter|mit navn er|mitt navn er|nimeni on|numele meu este|mă numesc|zovem se|benim adım|adım|tên tôi là|nama saya|меня зовут|моё имя|мое имя|мене звати|με λένε|ονομάζομαι)(?: |: ?)$/u

/** The same in scripts that have no capitals: the name is the run of that script behind it. */
export const announcedWithoutCapitals = /(?:我叫|我的名字是|我的名字叫|姓名:? ?|名前は|氏名:? ?|제 이름은 |이름은 |이름: ?|성함: ?)$/

/** A field whose value is a name: `Name: …`, `"owner": "…"`. */
export const field = /(?:^|[^a-z_-])(?:(?:full|first|last|given|family|middle|maiden|patient|customer|client|contact|employee|applicant|owner|sender|recipient|guardian|beneficiary|passenger|guest|tenant|account|cardholder)[ _-]?)?(?:name|surname|vorname|nachname|familienname|nom|prénom|nombre|apellidos?|nome|cognome|naam|achternaam|voornaam|sobrenome|imię|nazwisko|namn|navn|nimi|jméno|příjmení|név|имя|фамилия|фио|ім'я|όνομα|ad soyad|contact(?: person)?|ansprechpartner(?:in)?|owner|holder|patient|author|signature|signed|attn|attention|kontakt|beneficiary|directed by|written by|produced by|supervisor|manager)["']?\s?[:=]\s{0,3}["']?$/
/** A field that is called a name and is none of a person. */
export const otherField = /(?:file|host|user|domain|product|company|brand|class|function|variable|project|package|model|column|table|event|game|song|book|film|street|city|country|repository|repo|branch|key|app|service|server|bucket|display|field|path|tag|job|type|tool|module|plugin|font|icon|image|common|nick|login|business|organi[sz]ation|team|group|channel|device|theme|style)[ _-]?name["']?\s?[:=]\s{0,3}["']?$/

/** Words of greeting before a name. */
export const greeting = /(?:^|[^\p{L}])(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|welcome|hallo|liebe[rs]?|sehr geehrte[rs]?|guten (?:tag|morgen|abend)|moin|servus|bonjour|bonsoir|salut|cher|chère|hola|querid[oa]|estimad[oa]|buenos días|ciao|car[oa]|gentile|buongiorno|buonasera|salve|beste|geachte|goedemorgen|olá|prezad[oa]|witaj|cześć|drog[ia]|hej|kære|kjære|bästa|hei|ahoj|здравствуйте|привет|уважаем(?:ый|ая)|merhaba|sayın),? $/u

/** The end of a letter, before a name. */
export const farewell = /(?:regards|sincerely|cheers|thanks|thank you|best|yours|faithfully|truly|love|grüße|grüßen|gruß|danke|cordialement|merci|amitiés|saludos|atentamente|gracias|un abrazo|saluti|distinti saluti|grazie|groeten|groet|met vriendelijke groet|bedankt|cumprimentos|obrigad[oa]|abraços|pozdrawiam|pozdrowieniami|hälsningar|hilsen|terveisin|с уважением|спасибо)(?:[,.!]\s{1,3}|\n\s{0,2})(?:-{1,2} ?|~ ?)?$/
