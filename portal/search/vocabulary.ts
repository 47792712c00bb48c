import type { SearchedType } from "./documents.ts";
import { squash, tokensOf, wordsOfHan } from "./words.ts";

/** What people call the kinds of things, in both languages: words that need not stand in a name to find it. */
const WORDS: Readonly<Record<SearchedType, Readonly<Record<string, string>>>> = {
  region: {
    WORLD: "world 世界",
    COUNTRY: "country 国家",
    PROVINCE: "province provincial municipality autonomous region 省 省份 省级 自治区 直辖市",
    PREFECTURE: "city prefecture municipal 市 城市 地级市 自治州",
    COUNTY: "county district 县 区 县级 区县",
  },
  agency: {
    NATIONAL: "national agency bureau administration 国家 数据局 主管部门",
    PROVINCIAL: "provincial agency bureau administration 省级 数据局 大数据局 管理局 主管部门",
    PREFECTURE: "municipal city agency bureau administration 市级 数据局 大数据局 管理局 主管部门",
    COUNTY: "county district agency bureau administration 县级 数据局 大数据局 管理局 主管部门",
  },
  platform: {
    OPEN_DATA: "open data public data platform portal site 公共数据开放平台 数据开放网 政府数据开放",
    DATA_EXCHANGE: "data exchange trading platform centre market 大数据交易所 数据交易中心 交易平台 交易场所",
    GOVERNMENT_SERVICE: "government service platform 政务服务平台",
    DATA_SHARING: "government data sharing platform 数据共享平台",
    CREDIT: "credit platform 信用平台 征信",
    CLOUD: "cloud platform 云平台",
    OTHER: "platform 平台",
  },
  complex: {
    INDUSTRIAL_PARK: "industrial park zone 产业园区",
    PILOT_ZONE: "comprehensive pilot zone 综合试验区",
    DATA_CENTRE: "data centre cluster base 数据中心 集群 基地",
    LABORATORY: "laboratory lab 实验室",
    OTHER: "base hub node centre 基地 枢纽节点",
  },
  metric: {},
  source: {},
};

const OF_TYPE: Readonly<Record<SearchedType, string>> = {
  region: "region area 地区",
  agency: "agency 机构",
  platform: "",
  complex: "complex 园区",
  metric: "metric indicator statistic 指标",
  source: "source report publication 来源 报告",
};

/** Words that a kind is found by; the topic of a metric is one in itself. */
export function wordsOfKind(type: SearchedType, kind: string): string {
  const words = WORDS[type];
  const own = Object.hasOwn(words, kind) ? words[kind] : type === "metric" ? kind : "";
  return `${own} ${OF_TYPE[type]}`.trim();
}

/** Words that so many names hold that they tell little. */
const GENERIC = new Set(
  [
    ...Object.values(WORDS).flatMap((kinds) => Object.values(kinds)),
    ...Object.values(OF_TYPE),
    "china chinese 中国 大数据",
  ]
    .flatMap(tokensOf)
    .flatMap(({ term, han }) => (han ? wordsOfHan(term) : [term])),
);

export function isGeneric(word: string): boolean {
  return GENERIC.has(word);
}

/** Words that hold sentences together: they may be missing. */
const LINKS = new Set("a an and at by for from in of on or the to with 的 和 与 及 在".split(" ").map(squash));

export function isLink(word: string): boolean {
  return LINKS.has(word);
}

/** What a place is, in English and as pinyin. */
const SUFFIXES = new Set(
  "city province county district prefecture municipality sheng shi xian qu zhou meng qi diqu zizhiqu zizhizhou zizhixian zizhiqi".split(
    " ",
  ),
);

export function isSuffix(word: string): boolean {
  return SUFFIXES.has(word);
}
