import type { Named } from "../../../portal/catalogue/entities.ts";

type Language = "EN" | "ZH";

interface LocalizedName {
  readonly text: string;
  readonly language: Language;
}

/** `name` and `names` of everything that has names; every such thing has at least one. */
export const named = {
  name: ({ body }: { body: Named }, { lang }: { lang?: Language | null }): LocalizedName => {
    const names = namesOf(body);
    return names.find(({ language }) => language === (lang ?? "EN")) ?? (names[0] as LocalizedName);
  },
  names: ({ body }: { body: Named }): LocalizedName[] => namesOf(body),
};

function namesOf({ nameEn, nameZh }: Named): LocalizedName[] {
  const names: LocalizedName[] = [];
  if (nameEn) names.push({ text: nameEn, language: "EN" });
  if (nameZh) names.push({ text: nameZh, language: "ZH" });
  return names;
}
