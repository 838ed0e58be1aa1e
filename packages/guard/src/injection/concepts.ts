/**
 * Ideas that attacks on instructions are made of, in some twenty-five languages. A stem stands for every word that begins
 * with it; one that ends in `.` stands for itself alone. In scripts without spaces a stem is found anywhere.
 */
const families: Readonly<Record<string, string>> = {
  ignore: `ignor disregard forget. overlook bypass overrid overrul discard neglect circumvent vergiss vergess missacht ignorier oublie oubliez oublier olvida olvide omite desestim dimentic trascura esqueç esqueça desconsidere negeer vergeet glöm zignoruj ignoruj zapomnij zapomeň uită yoksay görmezden unut abaikan lupakan hiraukan quên pansinin kalimutan игнорир забуд забыт проигнор отбрось ігнор αγνο ξέχασε تجاهل انس. انسى نادیده فراموش התעלם שכח अनदेखा नज़रअंदाज़ नजरअंदाज भूल উপেক্ষা ভুলে ละเว้น เพิกเฉย ลืม 忽略 忽视 忽視 无视 忘记 忘掉 忘記 無視 忘れ 무시 잊어 잊고`,
  previous: `previous prior. above. preceding earlier. foregoing before. initial original existing vorherig bisherig obig vorangegangen früher oben. ursprünglich vorig précédent antérieur dessus avant. anterior previ arriba preceden sopra. acima vorige eerdere bovenstaande tidigare föregående poprzedni wcześniejsz powyższ předchozí anterioare önceki yukarıdaki sebelumnya trước nakaraan предыдущ прежн выше. ранее попередн προηγούμεν السابق السابقة أعلاه قبلی הקודמ पिछल पूर्व उपरोक्त পূর্ববর্তী আগের ก่อนหน้า ข้างต้น 之前 以前 上面 上述 先前 前の これまで 上記 이전 위의 앞의`,
  instruction: `instruct rule. rules. command directive guideline orders. task. tasks. prompt directions assignment anweisung befehl regel aufgab vorgab anleitung consigne règle tâche instruc regla orden. órdenes tarea istruzion regol compit ordini. instruç regra tarefa opdracht instructie instruktion polecen zasad instrukcj pokyn talimat kural görev komut instruksi perintah aturan tugas lệnh hướng tagubilin utos panuntunan инструкц правил указан команд задан інструкц οδηγί εντολ التعليمات تعليمات الأوامر القواعد المهام دستور הוראות הנחיות निर्देश नियम आदेश আদেশ নির্দেশ কাজ คำสั่ง คำแนะนำ 指令 指示 规则 規則 命令 任务 任務 ルール タスク 지시 명령 규칙 지침 작업`,
  reveal: `reveal show. display print. output. repeat. disclos leak. expos dump. recite zeig verrat ausgeb ausgib offenbar wiederhol nenne montre affiche révèle répète répétez muestra muéstra revela imprim repite dime. mostra mostre rivela ripeti stampa revele repita toon. visa. pokaż ujawnij zobraz göster yazdır açıkla tunjukkan tampilkan ungkapkan hiển tiết ipakita покажи раскр выведи повтори δείξε اعرض اكشف أظهر نشان הצג दिखा बता দেখা প্রকাশ แสดง เปิดเผย 显示 顯示 输出 輸出 告诉我 告訴我 重复 重複 泄露 表示 出力 教えて 繰り返 보여 출력 알려 공개`,
  system: `system prompt systemprompt context. configuration preamble sistem système systém системн промпт النظام سیستم המערכת सिस्टम प्रॉम्प्ट সিস্টেম প্রম্পট ระบบ พรอมต์ 系统 系統 提示 システム プロンプト 시스템 프롬프트`,
  secret: `password passwort passphrase secret confidential credential hidden. contraseña secret passe. senha parola password wachtwoord geheim hasło пароль секрет المرور السر رمز पासवर्ड गुप्त পাসওয়ার্ড গোপন รหัสผ่าน ความลับ 密码 密碼 秘密 机密 パスワード 비밀 암호 şifre gizli sandi rahasia khẩu mật`,
  roleplay: `pretend roleplay. impersonat simulat imagin persona. character. embody act. acting. role. spiel rolle stell. imagine fais. jouer joue rôle personnage actúa actua finge imagina papel personaje agisci fingi ruolo personaggio finja aja. alsof rol. udawaj wciel rolę притвор представь роль роли действуй تظاهر تخيل دور अभिनय कल्पना नाटक ভান কল্পনা ভূমিকা แกล้ง สมมติ บทบาท 假装 假裝 扮演 想象 想像 角色 ふり 演じ 역할 상상 davran bayangkan berpura giả magpanggap`,
  now: `now. henceforth jetzt nun. désormais maintenant ahora adesso agora nu. teraz nyní acum şimdi artık sekarang ngayon теперь сейчас зараз τώρα الآن اکنون עכשיו अब এখন ตอนนี้ 现在 現在 从现在 今から これから 이제 지금`,
  fresh: `new. neue nouve nuev nuov novo. nova. nieuwe nya. nowe nowy nové yeni baru. mới bagong новы новая новое νέα νέο جديد חדש नया नई नए নতুন ใหม่ 新的 新しい 새로운`,
  unrestricted: `unrestrict uncensor unfilter jailbr unlimited unbound limitation restriction restric filter. filters. censor moral ethic illegal unethical immoral policies policy. guidelines safeguard einschränk beschränk zensur illegal restricci éthique ética etica restriction restriz ограничен этич мораль цензур قيود الأخلاق नैतिक प्रतिबंध নৈতিক ข้อจำกัด ศีลธรรม 限制 道德 伦理 倫理 審査 审查 制限 検閲 제한 윤리 검열 sınırla etik ahlak batasan`,
  machine: `ai. llm. chatgpt gpt assistant model. bot. chatbot openai claude gemini agent agents ki. assistent asistent asistente assistente modèle modelo modello ии. модель ассистент нейросет бот. مساعد الذكاء सहायक মডেল সহকারী ผู้ช่วย โมเดล 助手 人工智能 模型 アシスタント モデル 어시스턴트 모델 인공지능 yapay zeka asisten`,
  person: `user. users. nutzer benutzer utilisateur usuari utente usuário gebruiker användar użytkownik пользовател المستخدم उपयोगकर्ता ব্যবহারকারী ผู้ใช้ 用户 用戶 ユーザー 사용자 kullanıcı pengguna`,
  instead: `instead rather. stattdessen plutôt invece zamiast вместо بدلا बजाय পরিবর্তে แทน 而是 代わり 대신 yerine melainkan`,
  halt: `stop. halt. cease abort terminate stopp arrête arrêtez detén detente ferma interrompi pare. dur. berhenti przestań стоп останов прекрати توقف रुको बंद থামো หยุด 停止 やめ 중지 멈춰`,
  encode: `encode decode encrypt decrypt base64 rot13 hexadecimal morse cipher backwards reversed ascii verschlüssel kodier codifi décod codific decodific кодир расшифр 编码 编碼 解码 加密 エンコード デコード 인코딩 디코딩`,
  fiction: `hypothetic fiction fictional novel. story. scenario game. dream grandma hypothet histoire historia racconto гипотет рассказ сценар قصة कहानी গল্প เรื่อง 故事 小说 假设 物語 小説 이야기 시나리오`,
  authority: `developer admin creator engineer root. sudo debug maintenance authorized authorised audit supervisor ceo. entwickler développeur desarrollador administrador sviluppator amministrat desenvolvedor ontwikkelaar разработ админ отлад المطور مطور المسؤول डेवलपर व्यवस्थापक ডেভেলপার ผู้พัฒนา ผู้ดูแล 开发者 开发人员 開發 管理员 管理員 開発者 管理者 調試 调试 개발자 관리자 geliştirici yönetici pengembang`,
  answer: `answer respond reply say. write. tell. only. antworte schreib sag. nur. réponds répondez écris dis. seulement responde escribe di. solo. rispondi scrivi dì. escreva diga apenas antwoord schrijf odpowiedz napisz ответь напиши скажи только أجب اكتب قل فقط लिख उत्तर केवल লিখ উত্তর শুধু ตอบ เขียน เท่านั้น 回答 写 只 答え 書いて だけ 대답 써줘 만 yaz. cevap jawab tulis`,
  obey: `must. comply obey follow. mandatory immediately important urgent required strictly unconditionally müssen befolg gehorch sofort obéi suis. suivez obedec sigue debes obbed segui devi obedeça siga deve volg moet posłus следуй выполн обязан срочно اتبع نفذ يجب पालन तुरंत মানতে ต้อง ปฏิบัติตาม 必须 必須 遵守 服从 立即 従 従って 必ず 따라 반드시 즉시 uymalı ikuti harus`,
  send: `send. email. forward. upload. exfiltrat curl. fetch. post. transmit schick sende envoie envía envia invia envie stuur wyślij отправ أرسل भेज পাঠা ส่ง 发送 發送 送信 보내 gönder kirim`,
  start: `begin. start. first. initial initially ending finished done. complete. following. next. beginn folgend nächst voici suivant siguiente seguente seguinte volgende następ следующ التالي निम्न নিম্ন ต่อไปนี้ 以下 次の 다음`,
  you: `you. your. yours yourself you're du. dein. deine dich. dir. ihr. ihre tu. vous. votre vos. ton. tes. toi. tú. usted ustedes tus. você seu. sua. lei. tuo. tua. tuoi jij. je. jouw uw. ty. twój twoje ты. твой твои твоей вы. ваш ваши тебя вам. sen. senin siz. sizin أنت لك. تو. שלך אתה तुम आप आपके आपका तुम्हार তুমি তোমার আপনি আপনার คุณ bạn anda kamu ikaw iyong 你 您 あなた 君 너는 네. 너의 당신`,
  never: `don't dont not. never without cannot can't nicht nie. niemals keine kein. jamais pas. sans. nunca sin. non. mai. senza não sem. niet nooit geen nigdy bez. без. никогда нельзя لا. بدون نبا नहीं मत. बिना না ছাড়া ไม่ không jangan tanpa hindi walang 不要 没有 沒有 不得 ない なし 않 없는 없이 değil olmadan asla`,
  mention: `mention tell. telling inform. notify aware notice. noticing erwähn erwähne mencion dit. dire avis informa dígale avvis menziona vertel говори упомина أخبر تخبر बताओ বলো บอก nói beritahu 提到 告知 言わ 伝え 말하`,
  personal: `email. e-mail emails birthday birth birthdate address. addresses balance phone. ssn. salary bank. location. lives. live. living reside residence geburtsdatum kontostand adresse naissance solde nacimiento saldo dirección correo nascita indirizzo nascimento endereço рождения баланс адрес почт الميلاد رصيد عنوان البريد जन्म बैलेंस बैंक पता. ईमेल জন্ম ব্যালেন্স ঠিকানা ইমেইল อีเมล วันเกิด ที่อยู่ sinh. email địa. chỉ. lahir saldo alamat kapanganakan 生日 余额 地址 邮箱 邮件 誕生日 残高 住所 メール 생일 이메일 주소 잔액 doğum bakiye adres e-posta`,
  mode: `mode. modus. modo. modalità режим وضع. मोड মোড โหมด chế 模式 モード 모드 modu. override. overrides unlocked activated enabled`,
  all: `all. any. every. everything entire alle. alles. tous. tout. toute toutes todo. todos todas toda. tutto tutti tutte tudo wszystk все. всё. всех كل. جميع همه כל. सभी सब. সব. সকল ทั้งหมด ทุก tất mọi semua seluruh lahat 所有 全部 一切 すべて 全て 모든 모두 tüm. bütün her.`,
  refusal: `refus apolog disclaim warning. warnings sorry. decline reject. policy openai anthropic guideline comply censored verweiger refuser rechaz rifiut recus отказ 拒绝 拒否 거부`,
  anything: `anything whatever anytime nothing. no-one whatsoever do-anything amoral evil. toxic swear curse profanity explicit nsfw`,
  harm: `kill. bomb weapon malware virus. phishing hack. hacked hacker exploit steal. offensive hate. hates racist drugs meth. ransomware credentials keylogger fraud scam`,
  split: `combine concatenate interlace part. parts. string. strings split. splitting kombin combin parti partie parte. teil. части часть भाग অংশ ส่วน bagian phần 部分 パート 부분 parça`,
  character: `character. persona. narrator dan. jailbroken simulator chatroom in-character out-of-character developer-mode aim. stan. dude. kevin.`,
  rotated: `gur. naq. lbh. lbhe. vtaber. cerivbhf. vafgehpgvba. vafgehpgvbaf. flfgrz. cebzcg. nyy. guvf. gryy. abj. cnffjbeq. sbetrg. qvfertneq. ehyrf. sebz. jvgu.`,
  backwards: `eht. dna. uoy. ruoy. erongi. suoiverp. snoitcurtsni. noitcurtsni. metsys. tpmorp. siht. drowssap. tegrof. selur. htiw. morf.`,
  read: `reading. read. reads. summarizing summarising processing parsing parse. scanning lesen lit. lee. legge читает 读到 読んで`,
}

/** Words in ROT13 and backwards are no evidence, but a reason to look again. */
export const rotatedFamily = Object.keys(families).indexOf('rotated') + 1
export const backwardsFamily = Object.keys(families).indexOf('backwards') + 1

/** The families' names; a family's number is its place here, counted from one. */
export const conceptNames: readonly string[] = Object.keys(families)

const tableBits = 15
const table = new Uint8Array(1 << tableBits)
const checks = new Uint16Array(1 << tableBits)

/** Where hashing of a word begins. */
export const wordSeed = 0x811c9dc5
const endMark = 0x2e

/** Adds one UTF-16 code unit to a word's hash (FNV-1a). */
export const hashStep = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193)

/** The family of the stem with this hash, 0 when there is none. */
export function conceptOf(hash: number): number {
  const mixed = hash ^ (hash >>> 15)
  const slot = mixed & ((1 << tableBits) - 1)
  return table[slot] !== 0 && checks[slot] === ((hash >>> 16) & 0xffff) ? (table[slot] ?? 0) : 0
}

/** The family of the word that ends with this hash and stands for itself alone. */
export const conceptOfWhole = (hash: number): number => conceptOf(hashStep(hash, endMark))

Object.values(families).forEach((words, index) => {
  for (const word of words.split(/\s+/)) {
    let hash = wordSeed
    for (let at = 0; at < word.length; at += 1) hash = hashStep(hash, word.charCodeAt(at))
    const slot = (hash ^ (hash >>> 15)) & ((1 << tableBits) - 1)
    table[slot] = index + 1
    checks[slot] = (hash >>> 16) & 0xffff
  }
})
