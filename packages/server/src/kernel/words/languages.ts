import { cut } from './cut.ts'

export const languages = ['english', 'german', 'french', 'spanish', 'italian', 'portuguese', 'dutch', 'nordic', 'russian', 'other'] as const
export type Language = (typeof languages)[number]

/** Words that say nothing about what a text is about, folded. They also tell a language by its look. */
const functionWords: Readonly<Record<Exclude<Language, 'other'>, string>> = {
  english: 'must may might per a an and are as at be been but by can could did do does doing don for from had has have he her here hers him his how i if in into is isn it its just me my no not of on or our ours shall she should so some such than that the their theirs them then there these they this those to too was we were what when where whether which while who whom whose why will with would you your yours am about also any because both each more most only other over own same very up out ll re ve s t',
  german: 'bis darf durfen muss mussen musst soll sollen sollte wurde wurden mochte aber alle als am an auch auf aus bei bin bist da dann das dass dem den denn der des dich die dies diese dieser dieses dir doch du ein eine einem einen einer eines er es euch fur hat hatte habe haben ich ihm ihn ihnen ihr ihre im in ist ja kann kannst kein keine konnen man mein meine mich mir mit nach nicht noch nun nur ob oder ohne sehr sein seine sich sie sind so soll uber um und uns unter vom von vor wann war warum was wenn wer werden wie wir wird wo zu zum zur',
  french: 'a ai au aux avec c ce ces cet cette comment d dans de des du elle elles en est et eu il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre nous on ou par pas pour pourquoi qu quand que quel quelle quelles quels qui s sa sans se ses si son sont sur t ta te tes toi ton tu un une vos votre vous y',
  spanish: 'a al algo como con cual cuando de del donde e el ella ellas ellos en entre era es esa ese eso esta estas este esto estos hay la las le les lo los mas me mi mis muy no nos o para pero por porque puede puedo que quien se ser si sin sobre son su sus te tiene tu un una uno y ya yo',
  italian: 'a ai al alla alle anche che chi ci come con cosa da dal dalla dei del della delle di dove e ed era gli ha hai ho i il in io la le lei lo loro lui ma mi mia mio ne nei nel nella no noi non o per perche piu puo quale quando quello questa questo sei si sono su sul sulla suo ti tra tu un una uno voi',
  portuguese: 'a ao aos as com como da das de dela dele do dos e ela elas ele eles em entre era essa esse esta este eu foi ha isso isto ja mais mas me meu minha muito na nas nao no nos o onde os ou para pela pelo por porque pode posso quais qual quando que quem se sem ser seu sua sao tem um uma voce',
  dutch: 'aan als bij dan dat de deze die dit doe door een en er ge geen had heb hebben heeft het hij hoe ik in is je jij kan kun kunnen maar me met mij mijn na naar niet nog nu of om onder ons ook op over te tot u uit uw van voor waar wanneer waarom was wat we wel welke wie wij wordt ze zich zij zijn zo zonder zou',
  nordic: 'alle at att av bara blir da de dem den deres det dig din du eller en er et ett for fra fran ha han har hon hur hva hvad hvem hvor hvordan i ikke ikke inte jag jeg kan kun man med meg men mig min mot na nar ni noe och og om oss over pa sa seg sig sin ska skal som sa til till under upp ut vad var vara vi vid vil vill',
  russian: 'а без бы был была были было быть в вам вас во вот все вы где да для до его ее если есть еще же за здесь и из или им их к как какая какие какой когда кто ли мне мной может мой моя мы на над не него нее нет ни но ну о об он она они оно от по под почему при с себя со так там то тот ты у уже чего чем что чтобы эта эти это этот я',
}

const sets: ReadonlyMap<string, ReadonlySet<string>> = new Map(Object.entries(functionWords).map(([language, words]) => [language, new Set(words.split(' '))]))

/** True for a folded word that carries no subject in that language. */
export const isFunctionWord = (word: string, language: Language): boolean => sets.get(language)?.has(word) ?? false

/** Enough to tell; a longer text is judged by its beginning. */
const SAMPLE_WORDS = 400
/** Below this share of function words no language is believed: lists, code, names. */
const LEAST_SHARE = 0.12

/** The language that a text is most probably written in, by its function words; `other` when none fits. */
export function languageOf(text: string): Language {
  const counts = new Map<Language, number>()
  let seen = 0
  for (const word of cut(text.slice(0, 20_000))) {
    if (++seen > SAMPLE_WORDS) break
    for (const language of languages) if (isFunctionWord(word, language)) counts.set(language, (counts.get(language) ?? 0) + 1)
  }
  const [best] = [...counts].toSorted((left, right) => right[1] - left[1])
  return best !== undefined && best[1] >= LEAST_SHARE * Math.min(seen, SAMPLE_WORDS) ? best[0] : 'other'
}
