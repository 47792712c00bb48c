import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Dictionary, DictionaryBuilder, documentIn, FIELD } from "../../portal/search/dictionary.ts";
import { hostOf } from "../../portal/search/documents.ts";
import { loadPinyin } from "../../portal/search/pinyin.ts";
import { parseQuery } from "../../portal/search/query.ts";
import { smallest } from "../../portal/search/rank.ts";
import { shortName } from "../../portal/search/short-names.ts";
import { isOneTypoFrom, squash, tokensOf } from "../../portal/search/words.ts";
import { holds } from "../support/properties.ts";

test.for<[name: string, short: string]>([
  ["贵阳市", "贵阳"],
  ["贵州省", "贵州"],
  ["内蒙古自治区", "内蒙古"],
  ["新疆维吾尔自治区", "新疆"],
  ["广西壮族自治区", "广西"],
  ["香港特别行政区", "香港"],
  ["黔南布依族苗族自治州", "黔南"],
  ["伊犁哈萨克自治州", "伊犁"],
  ["塔什库尔干塔吉克自治县", "塔什库尔干"],
  ["东乡族自治县", "东乡"],
  ["阿里地区", "阿里"],
  ["锡林郭勒盟", "锡林郭勒"],
  ["土默特左旗", "土默特左"],
  ["浦东新区", "浦东"],
  ["单县", "单县"],
  ["呼和浩特经济技术开发区", "呼和浩特经济技术开发区"],
  ["Guizhou Province", "Guizhou"],
  ["Wuhan City", "Wuhan"],
  ["Qiandongnan Autonomous Prefecture", "Qiandongnan"],
  ["City", "City"],
])("%s is called %s", ([name, short]) => {
  expect(shortName(name)).toBe(short);
});

test.for<[text: string, terms: string[]]>([
  ["Lu'an Public Data", ["luan", "public", "data"]],
  ["Lu’an", ["luan"]],
  ["贵阳（Guiyang）2024", ["贵阳", "guiyang", "2024"]],
  ["ＧＵＩＹＡＮＧ Pil della città", ["guiyang", "pil", "della", "citta"]],
  ["Data Center", ["data", "centre"]],
  ["data.sh.gov.cn", ["data", "sh", "gov", "cn"]],
  ["?!", []],
])("%s has the words %j", ([text, terms]) => {
  expect(tokensOf(text).map(({ term }) => term)).toEqual(terms);
});

test("words say where they stand", () => {
  holds(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      for (const { start, end, term } of tokensOf(text)) expect(squash(text.slice(start, end))).toBe(term);
    }),
  );
});

test.for<[a: string, b: string, near: boolean]>([
  ["guiyang", "guiyan", true],
  ["guiyang", "guizang", true],
  ["guiyang", "guyiang", true],
  ["guiyang", "guiyaang", true],
  ["guiyang", "guiyang", true],
  ["guiyang", "guyan", false],
  ["guiyang", "guangy", false],
  ["abcd", "badc", false],
])("%s and %s: %s", ([a, b, near]) => {
  expect(isOneTypoFrom(a, b)).toBe(near);
  expect(isOneTypoFrom(b, a)).toBe(near);
});

describe("a dictionary", () => {
  test("finds words, beginnings and near misses as looking at every word does", () => {
    const word = fc.string({ unit: fc.constantFrom(..."abn"), minLength: 4, maxLength: 7 });
    holds(
      fc.property(fc.array(word, { maxLength: 30 }), word, (words, asked) => {
        const dictionary = dictionaryOf(words);
        const holding = (test: (word: string) => boolean) => words.flatMap((one, i) => (test(one) ? [i] : []));
        expect(documents(dictionary.exact(asked))).toEqual(holding((one) => one === asked));
        expect(documents(dictionary.longer(asked))).toEqual(holding((one) => one.startsWith(asked) && one !== asked));
        const near = dictionary.near(asked).flatMap(({ occurrences }) => documents(occurrences));
        expect(near.sort((a, b) => a - b)).toEqual(holding((one) => one !== asked && isOneTypoFrom(one, asked)));
      }),
    );
  });

  function dictionaryOf(words: readonly string[]): Dictionary {
    const builder = new DictionaryBuilder();
    for (const [i, word] of words.entries()) builder.add(word, i, FIELD.NAME);
    return builder.build(true);
  }

  function documents(found: ReturnType<Dictionary["exact"]>): number[] {
    return found ? Array.from(found.entries.subarray(found.from, found.to), documentIn).sort((a, b) => a - b) : [];
  }
});

test("the smallest ranks are those that sorting gives", () => {
  holds(
    fc.property(fc.uniqueArray(fc.nat()), fc.integer({ min: 1, max: 9 }), fc.nat(), (ranks, limit, after) => {
      const sorted = ranks.toSorted((a, b) => a - b).filter((rank) => rank > after);
      expect(smallest(Float64Array.from(ranks), limit, after)).toEqual(sorted.slice(0, limit));
    }),
  );
});

test("hosts are those of addresses", () => {
  expect(hostOf("http://data.ahzwfw.gov.cn:8000/dataopen-web/index.html")).toBe("data.ahzwfw.gov.cn");
  expect(hostOf("https://www.ndsms.cn")).toBe("ndsms.cn");
  expect(hostOf("data.sh.gov.cn")).toBe("");
  expect(parseQuery("https://data.sh.gov.cn/home", new Set()).whole).toBe("datashgovcn");
});

test("names are read aloud, a syllable for each character", async () => {
  const read = await loadPinyin();
  expect(read("重庆市")).toEqual(["chong", "qing", "shi"]);
  expect(read("吕梁")).toEqual(["lv", "liang"]);
  expect(read("大数据 2024 重庆")).toEqual(["da", "shu", "ju", "chong", "qing"]);
  expect(read("Guiyang")).toEqual([]);
});
