import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { EntityBodies } from "../portal/catalogue/entities.ts";
import { documentOf, type SearchDocument, type SearchedType } from "../portal/search/documents.ts";
import { loadPinyin } from "../portal/search/pinyin.ts";
import { numbersFrom } from "./samples.ts";

/** Made-up catalogues around the real regions of the shipped releases, the same in every run. */

const REGIONS = join(import.meta.dirname, "../data/releases/0001-frame/regions.csv");

const NAMES: readonly [type: SearchedType, en: string, zh: string, kind: string][] = [
  ["platform", "Public Data Open Platform", "公共数据开放平台", "OPEN_DATA"],
  ["platform", "Big Data Exchange", "大数据交易所", "DATA_EXCHANGE"],
  ["platform", "Government Service Cloud", "政务服务云平台", "CLOUD"],
  ["agency", "Big Data Development Administration", "大数据发展管理局", "PREFECTURE"],
  ["agency", "Data Bureau", "数据局", "COUNTY"],
  ["complex", "Big Data Industrial Park", "大数据产业园", "INDUSTRIAL_PARK"],
  ["complex", "Data Centre Cluster", "数据中心集群", "DATA_CENTRE"],
  ["metric", "Digital Economy Growth", "数字经济增长", "digital economy"],
  ["source", "Statistical Bulletin on the Data Industry", "数据产业统计公报", "zh"],
];
const SYLLABLES =
  "an bei chang da feng guang he jin kang lin ming ning ping qing rong shan tian wu xin yang zhong".split(" ");

interface Body {
  readonly type: SearchedType;
  readonly localId: string;
  readonly body: EntityBodies[SearchedType];
}

interface RegionRow {
  readonly code: string;
  readonly parent_code: string;
  readonly level: EntityBodies["region"]["level"];
  readonly name_en: string;
  readonly name_zh: string;
}

/** Bodies of entities: all regions down to counties, then as many others as are missing. */
export function sampleBodies(count: number): Body[] {
  const rows = parse<RegionRow>(readFileSync(REGIONS), { columns: true });
  const paths = new Map<string, string>();
  const bodies: Body[] = [];
  const names: { en: string; zh: string; path: string; code: string }[] = [];
  const random = numbersFrom(7);
  for (const { code, parent_code, level, name_en, name_zh } of rows) {
    const path = `${paths.get(parent_code) ?? ""}${code}/`;
    paths.set(code, path);
    const body = { level, path, nameZh: name_zh, ...(name_en ? { nameEn: name_en } : {}) };
    bodies.push({ type: "region", localId: code, body });
    names.push({ en: name_en || madeUpName(random), zh: name_zh, path, code });
  }
  for (let i = 0; bodies.length < count; i += 1) {
    const place = names[Math.floor(random() * names.length)];
    const [type, en, zh, kind] = NAMES[i % NAMES.length] ?? NAMES[0] ?? ["platform", "", "", ""];
    if (!place) break;
    const own = madeUpName(random);
    const body = {
      nameEn: `${place.en} ${own} ${en}`,
      nameZh: `${place.zh}${zh}`,
      title: `${place.zh}${zh} ${own}`,
      ...{ kind, level: kind, topic: kind, language: kind, path: place.path },
      url: `https://${own.toLowerCase()}.${place.code}.gov.cn/`,
    } as unknown as EntityBodies[SearchedType];
    bodies.push({ type, localId: `${type}-${i}`, body });
  }
  return bodies.slice(0, count);
}

function madeUpName(random: () => number): string {
  const syllable = () => SYLLABLES[Math.floor(random() * SYLLABLES.length)] ?? "an";
  const name = `${syllable()}${syllable()}${random() < 0.5 ? syllable() : ""}`;
  return `${name[0]?.toUpperCase()}${name.slice(1)}`;
}

export async function documentsOf(bodies: readonly Body[]): Promise<Map<SearchedType, SearchDocument[]>> {
  const read = await loadPinyin();
  const documents = new Map<SearchedType, SearchDocument[]>();
  for (const { type, localId, body } of bodies) {
    const ofType = documents.get(type) ?? [];
    ofType.push(documentOf(type, localId, body, read));
    documents.set(type, ofType);
  }
  return documents;
}

/** What people might type: names whole, in part, with a typo or as pinyin, codes, and words that half the names hold. */
export function sampleQueries(documents: readonly SearchDocument[], count: number): string[] {
  const random = numbersFrom(11);
  const broad = [
    "data",
    "数据",
    "big data exchange",
    "open data platform",
    "s",
    "大数据",
    "digital economy",
    "g",
    "中国",
  ];
  return Array.from({ length: count }, (_, i) => {
    const { en, zh, pinyin, localId } = documents[Math.floor(random() * documents.length)] as SearchDocument;
    const name = en || pinyin.join("");
    const cut = 1 + Math.floor(random() * (name.length - 1));
    const ways = [
      () => broad[Math.floor(i / 8) % broad.length] ?? "data",
      () => name,
      () => name.slice(0, cut),
      () => `${name.slice(0, cut)}${name.slice(cut + 1)}`,
      () => zh || name,
      () => zh.slice(0, 2) || name,
      () => pinyin.slice(0, 2).join("") || name,
      () => localId,
    ];
    return (ways[i % ways.length] as () => string)();
  });
}
