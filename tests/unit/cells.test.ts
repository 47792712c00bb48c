import { describe, expect, test } from "vitest";
import * as cell from "../../portal/releases/files/cells.ts";

const bad = (code = "INVALID_VALUE") => expect.objectContaining({ code, message: expect.stringMatching(/\w/) });

describe("a cell", () => {
  test.for<[string, cell.CellRule<unknown>, string, unknown]>([
    ["a decimal keeps its digits", cell.decimal, "007.50", "7.50"],
    ["a decimal may be negative", cell.decimal, "-0.25", "-0.25"],
    ["a time period gives the frequency", cell.timePeriod, "2020-Q3", expect.objectContaining({ frequency: "Q" })],
    ["a status may be a code", cell.observationStatus, "E", "E"],
    ["a status may be a word", cell.observationStatus, "PRELIMINARY", "P"],
    ["a reference becomes a global id", cell.reference("agency"), "guizhou-bdda", "agency:guizhou-bdda"],
    ["references are parted by spaces", cell.references("region"), "5201  5202", ["region:5201", "region:5202"]],
    ["an address is http or https", cell.url, "http://data.example.gov.cn:8000/#/index", expect.any(String)],
    ["a language tag may have a script", cell.languageTag, "zh-Hant", "zh-Hant"],
    ["yes is true", cell.yes, "true", true],
    ["text may run over lines", cell.text(20), "one\ntwo\tthree", "one\ntwo\tthree"],
  ])("%s", ([, rule, text, value]) => {
    expect(rule(text)).toEqual(value);
  });

  test.for<[string, cell.CellRule<unknown>, string]>([
    ["a number with a thousands separator", cell.decimal, "1,000"],
    ["a number with a unit", cell.decimal, "5 ZB"],
    ["a number of too many digits", cell.decimal, "1".repeat(101)],
    ["not a number", cell.decimal, "NaN"],
    ["a day that there never was", cell.partialDate, "2023-02-29"],
    ["a date in another form", cell.partialDate, "06/03/2018"],
    ["a quarter that there never was", cell.timePeriod, "2020-Q5"],
    ["an unknown status", cell.observationStatus, "final"],
    ["a status named like something of JavaScript's", cell.observationStatus, "constructor"],
    ["an id with capitals", cell.localId("agency"), "Guizhou"],
    ["a reference that is no code", cell.reference("region"), "guiyang"],
    ["one bad reference among good ones", cell.references("region"), "5201 guiyang"],
    ["an address of another protocol", cell.url, "javascript:alert(1)"],
    ["an address without a protocol", cell.url, "data.example.gov.cn"],
    ["a language by its name", cell.languageTag, "Chinese"],
    ["a no", cell.yes, "false"],
    ["a word that is none of the list", cell.oneOf(["CLOUD", "OTHER"]), "cloud"],
  ])("%s is refused", ([, rule, text]) => {
    expect(rule(text)).toEqual(bad());
  });

  test.for<[cell.CellRule<unknown>, string]>([
    [cell.text(5), "123456"],
    [cell.url, `https://data.example.gov.cn/${"x".repeat(2048)}`],
  ])("that is too long is refused as such", ([rule, text]) => {
    expect(rule(text)).toEqual(bad("TOO_LONG"));
  });
});
