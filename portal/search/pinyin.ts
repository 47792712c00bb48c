import { READINGS } from "./readings.ts";

/** Reads Han characters aloud: one syllable without tone for each of them, ü as v. */
export type ReadAloud = (text: string) => string[];

const HAN_RUN = /\p{Script=Han}+/gu;
const SYLLABLE = /^[a-z]+$/;

/**
 * The dictionary is large and only publications need it, so it is loaded by who meets a name to read. A character
 * that it does not know has an empty syllable: syllables and characters stay side by side.
 */
export async function loadPinyin(): Promise<ReadAloud> {
  const { customPinyin, pinyin } = await import("pinyin-pro");
  customPinyin(READINGS);
  const read = (han: string) => pinyin(han, { toneType: "none", type: "array", v: true });
  return (text) =>
    Array.from(text.matchAll(HAN_RUN)).flatMap(([run]) => {
      const characters = Array.from(run);
      const syllables = read(run);
      const aligned = syllables.length === characters.length ? syllables : characters.map((one) => read(one)[0] ?? "");
      return aligned.map((syllable) => (SYLLABLE.test(syllable) ? syllable : ""));
    });
}
