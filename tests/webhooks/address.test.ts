import { describe, expect, test } from "vitest";
import { type Address, checkedAddresses } from "../../functions/webhooks/addresses.ts";
import { isLoopbackAddress, isPublicAddress } from "../../portal/partners/webhook-address.ts";

test.for([
  "93.184.216.34",
  "1.1.1.1",
  "223.5.5.5",
  "100.63.255.255",
  "100.128.0.1",
  "172.32.0.1",
  "2606:4700::1111",
  "2400:3200::1",
])("%s is public", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.for([
  ...[
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
  ],
  ...["172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "100.100.100.200", "192.0.0.1", "192.0.0.192"],
  ...["192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255", "192.88.99.1", "224.0.0.1"],
  ...["239.255.255.250", "240.0.0.1", "255.255.255.255"],
  ...["::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::a9fe:a9fe"],
  ...["64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1"],
  ...["fd00:ec2::254", "ff02::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "4000::1", "e000::1"],
  ...["", "localhost", "256.1.1.1"],
])("%s is not", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test("loopback is loopback, and nothing else", () => {
  const addresses = ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "0.0.0.0", "10.0.0.1", "8.8.8.8", "x"];
  expect(addresses.filter(isLoopbackAddress)).toEqual(["127.0.0.1", "127.8.8.8", "::1"]);
});

describe("the addresses of a host", () => {
  const given = (...addresses: string[]): Address[] =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  const check = (addresses: readonly Address[], allowLocal = false) =>
    checkedAddresses("hooks.partner.org", { resolve: async () => addresses, allowLocal });

  test("are all that it has, when every one is public", async () => {
    const addresses = given("93.184.216.34", "2606:4700::1111");
    expect(await check(addresses)).toEqual(addresses);
  });

  test.for([
    [["169.254.169.254"], "not public"],
    [["93.184.216.34", "10.0.0.1"], "not public"],
    [["2606:4700::1111", "::ffff:10.0.0.1"], "not public"],
    [["127.0.0.1"], "not public"],
    [[], "has no address"],
  ] as const)("%j: %s", async ([addresses, why]) => {
    await expect(check(given(...addresses))).rejects.toThrow(why);
  });

  test("may be this machine's with the local switch, and no other private ones", async () => {
    expect(await check(given("127.0.0.1", "::1"), true)).toHaveLength(2);
    await expect(check(given("127.0.0.1", "10.0.0.1"), true)).rejects.toThrow("not public");
    await expect(check(given("169.254.169.254"), true)).rejects.toThrow("not public");
  });

  test("cannot be had when the name server fails", async () => {
    const resolve = () => Promise.reject(new Error("SERVFAIL"));
    await expect(checkedAddresses("a.org", { resolve, allowLocal: false })).rejects.toThrow("its host has no address");
  });
});
