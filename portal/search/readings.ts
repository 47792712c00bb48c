/** How places are read where their characters are mostly read otherwise, as the pinyin of GB/T 2260 has them. */
export const READINGS: Readonly<Record<string, string>> = Object.fromEntries(
  (
    "喀什 ka shi,乌什 wu shi,塔什 ta shi,图什 tu shi,什邡 shi fang,克什克腾 ke shi ke teng,康巴什 kang ba shi," +
    "涡阳 guo yang,乐清 yue qing,乐亭 lao ting,乐都 le du,民乐 min le,单县 shan xian,浚县 xun xian,尉犁 yu li," +
    "歙县 she xian,黄陂 huang pi,大埔 da bu,泌阳 bi yang,洪洞 hong tong,繁峙 fan shi,蔚县 yu xian,六合区 lu he qu," +
    "珲春 hun chun,穆棱 mu ling,筠连 jun lian,吴堡 wu bu,红寺堡 hong si bu,宕昌 tan chang,召陵 shao ling," +
    "曾都 zeng du,闵行 min hang,调兵山 diao bing shan,蚌山 beng shan,大箐山 da qing shan,都匀 du yun,都昌 du chang," +
    "都兰 du lan,都安 du an,新都 xin du,武都 wu du,花都 hua du,莲都 lian du,于都 yu du,郫都 pi du,三都 san du," +
    "信都 xin du,江都 jiang du,魏都 wei du,秦都 qin du,殷都 yin du,盐都 yan du,丰都 feng du,望都 wang du,商都 shang du"
  )
    .split(",")
    .map((line) => {
      const [name = "", ...syllables] = line.split(" ");
      return [name, syllables.join(" ")];
    }),
);
