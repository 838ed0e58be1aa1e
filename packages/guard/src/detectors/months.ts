const names = `january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
januar februar märz mai juni juli oktober dezember jänner
janvier février mars avril juin juillet août septembre octobre novembre décembre fevrier aout decembre
enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
januari februari maart mei augustus
janeiro fevereiro março marco maio junho julho setembro outubro novembro dezembro
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
januari mars maj augusti desember marts juni tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık`

/** Names of the months in a dozen and a half languages, lower case. */
export const monthNames: ReadonlySet<string> = new Set(names.split(/\s+/))

/** Every beginning of a month's name: what may yet become one. */
export const monthBeginnings: ReadonlySet<string> = new Set([...monthNames].flatMap((name) => Array.from({ length: name.length }, (_, index) => name.slice(0, index + 1))))
