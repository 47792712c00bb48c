import { observation, platform, world } from "../../support/made-up-world.ts";
import { type MadeRow, madeUp } from "../../support/releases.ts";

/** A world with something at every level, published in three releases: facts, then revisions, then withdrawals. */

const stated = (subject: string, period: string, value: string, fields: MadeRow = {}) =>
  observation(period, value, { subject_id: subject, ...fields });
const ofPlatform = { metric_id: "datasets", subject_type: "PLATFORM", subject_id: "north-open-data" };

const monthly = Array.from({ length: 24 }, (_, i) => {
  const period = `${2022 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`;
  return stated("9001", period, `${i}.50`, { note: i % 5 === 0 ? "=SUM(A1)" : "" });
});

export const facts = madeUp(
  {
    ...world,
    "observations.csv": [
      ...((world["observations.csv"] as readonly MadeRow[]) ?? []),
      stated("90", "2022", "7.10"),
      stated("90", "2023", "", { obs_status: "O" }),
      stated("91", "2022", "12345678901234567890.10"),
      ...monthly,
      observation("2023-10", "4100", ofPlatform),
    ],
  },
  "2024-01-01",
  "Facts",
);

export const revisions = madeUp(
  {
    "observations.csv": [
      stated("90", "2022", "7.25"),
      stated("91", "2023", "-3"),
      observation("2023-10", "4150", ofPlatform),
    ],
  },
  "2024-02-01",
  "Revisions",
);

export const withdrawals = madeUp(
  {
    "observations.csv": [
      { ...stated("90", "2022", "7.25"), action: "D" },
      { ...stated("9001", "2022-03", "2.50"), action: "D" },
      stated("ZZ", "2023", "15.5"),
    ],
    "platforms.csv": [{ ...platform("southport-cloud", "Southport Cloud", "CLOUD", "9101"), action: "D" }],
  },
  "2024-03-01",
  "Withdrawals",
);
