/** How regions are called without what they are: 贵阳市 is 贵阳, Guizhou Province is Guizhou. */

/** Nationalities as names of autonomous regions, prefectures and counties give them, the long ones without 族 too. */
const NATIONALITY =
  "(?:(?:维吾尔|哈萨克|柯尔克孜|塔吉克|蒙古|锡伯)族?|(?:回|藏|羌|彝|苗|壮|侗|瑶|土家|土|白|傣|景颇|傈僳|哈尼|佤|拉祜|布朗|纳西|怒|独龙|普米|布依|水|仡佬|仫佬|毛南|黎|畲|朝鲜|满|达斡尔|鄂温克|鄂伦春|东乡|保安|撒拉|裕固|各)族)";
const AUTONOMOUS = new RegExp(`^(.{2,}?)${NATIONALITY}+自治[区州县旗]$`, "u");
const SUFFIX = /^(.{2,}?)族?(?:特别行政区|自治[区州县旗]|地区|林区|新区|[省市县区旗盟])$/u;
/** 经济技术开发区 is what the place is called. */
const WHOLE = /(?:开发区|园区|示范区|试验区|直辖县级行政区划)$/u;

const ENGLISH_SUFFIX =
  /^(.+?)(?: (?:Province|Municipality|City|Prefecture|District|County|Banner|League|Special Administrative Region|Autonomous (?:Region|Prefecture|County|Banner)))$/i;

/** A region's name without its administrative suffix; the name itself where it has none to lose. */
export function shortName(name: string): string {
  if (WHOLE.test(name)) return name;
  return (AUTONOMOUS.exec(name) ?? SUFFIX.exec(name) ?? ENGLISH_SUFFIX.exec(name))?.[1] ?? name;
}
