import { expect, test } from "vitest";
import { webhookUrl } from "../../portal/partners/webhook-url.ts";

const PUBLIC = { allowLocal: false };
const LOCAL = { allowLocal: true };

test.for([
  ["https://hooks.partner.org/releases", "https://hooks.partner.org/releases"],
  ["https://hooks.partner.org:8443/a?b=c", "https://hooks.partner.org:8443/a?b=c"],
  ["HTTPS://Hooks.Partner.ORG:443", "https://hooks.partner.org/"],
  ["https://数据.中国/发布", "https://xn--vxup8b.xn--fiqs8s/%E5%8F%91%E5%B8%83"],
  ["https://xn--fiqs8s.org/", "https://xn--fiqs8s.org/"],
  ["https://127.0.0.1.nip.io/", "https://127.0.0.1.nip.io/"],
  ["https://hooks.partner.org/?to=http://127.0.0.1@x", "https://hooks.partner.org/?to=http://127.0.0.1@x"],
])("%s can be a webhook, as %s", ([text = "", href]) => {
  expect(webhookUrl(text, PUBLIC).href).toBe(href);
});

/** What people who would like to be sent inside try, with or without a public name around it. */
const FORBIDDEN: readonly (readonly [url: string, why: RegExp])[] = [
  // Addresses, in every notation that a parser of URLs takes for one.
  ["https://127.0.0.1/", /address/],
  ["https://127.1/", /address/],
  ["https://0x7f.1/", /address/],
  ["https://0x7f000001/", /address/],
  ["https://0177.0.0.1/", /address/],
  ["https://017700000001/", /address/],
  ["https://2130706433/", /address/],
  ["https://0/", /address/],
  ["https://10.0.0.8/", /address/],
  ["https://169.254.169.254/latest/meta-data/", /address/],
  ["https://2852039166/", /address/],
  ["https://0xa9.0xfe.0xa9.0xfe/", /address/],
  ["https://93.184.216.34/", /address/],
  ["https://127.0.0.1./", /address/],
  ["https://１２７.０.０.１/", /address/],
  ["https://127。0。0。1/", /address/],
  ["https://①②⑦.0.0.1/", /address/],
  ["https://%31%32%37.0.0.1/", /address/],
  ["https://[::1]/", /address/],
  ["https://[::]/", /address/],
  ["https://[::ffff:127.0.0.1]/", /address/],
  ["https://[::ffff:7f00:1]/", /address/],
  ["https://[64:ff9b::169.254.169.254]/", /address/],
  ["https://[fe80::1%25eth0]/", /no https URL/],
  ["https://[fd00:ec2::254]/", /address/],
  ["https://[2606:4700::1111]/", /address/],
  // Numbers that are no addresses.
  ["https://256.256.256.256/", /no https URL/],
  ["https://1.2.3.4.5/", /no https URL/],
  ["https://0x7f.1.example.0x1/", /no https URL/],
  // Names of this machine and of private networks.
  ["https://localhost/", /no full name/],
  ["https://LOCALHOST/", /no full name/],
  ["https://localhost./", /no full name/],
  ["https://ⓛocalhost/", /no full name/],
  ["https://loc%61lhost/", /no full name/],
  ["https://metadata/", /no full name/],
  ["https://api.localhost/", /private network/],
  ["https://metadata.google.internal/", /private network/],
  ["https://printer.local/", /private network/],
  ["https://router.home.arpa/", /private network/],
  ["https://db.corp/", /private network/],
  ["https://1.0.0.127.in-addr.arpa/", /private network/],
  ["https://hidden.onion/", /private network/],
  // Names that are none.
  ["https://hooks.partner.org./", /no full name/],
  ["https://hooks.partner.org../", /no full name/],
  ["https://.partner.org/", /no full name/],
  ["https://hooks..partner.org/", /no full name/],
  ["https://xn--/", /no full name/],
  [`https://${"a".repeat(64)}.org/`, /looked up/],
  [`https://${"abcdefg.".repeat(32)}org/`, /looked up/],
  ["https://a*b.org/", /looked up/],
  ["https://hooks.partner.org%00.evil.org/", /no https URL/],
  ["https://", /no https URL/],
  // Two hosts in one text.
  ["https://partner.org@127.0.0.1/", /user name/],
  ["https://user:secret@hooks.partner.org/", /user name/],
  ["https://@hooks.partner.org/", /user name/],
  ["https://hooks.partner.org\\@127.0.0.1/", /backslashes/],
  ["https://hooks.partner.org#@127.0.0.1/", /fragment/],
  ["https://hooks.partner.org/#", /fragment/],
  ["https://127.0.0.1\t.partner.org/", /spaces/],
  ["https://hooks.partner.org/\r\nx-evil: 1", /spaces/],
  [" https://hooks.partner.org/", /spaces/],
  ["https://hooks\u00ad.partner.org/", /cannot be seen/],
  ["https://hooks.partner\u200b.org/", /cannot be seen/],
  ["https:\\\\hooks.partner.org/", /backslashes/],
  ["https:hooks.partner.org/", /no https URL/],
  ["https:/hooks.partner.org/", /no https URL/],
  ["https:///127.0.0.1/", /no https URL/],
  ["//hooks.partner.org/", /no https URL/],
  // Other schemes and other ports.
  ["http://hooks.partner.org/", /only https/],
  ["http://localhost:8080/", /only https/],
  ["ftp://hooks.partner.org/", /no https URL/],
  ["file:///etc/passwd", /no https URL/],
  ["gopher://hooks.partner.org:6379/_", /no https URL/],
  ["javascript:alert(1)", /no https URL/],
  ["https://hooks.partner.org:22/", /ports 443 and 8443/],
  ["https://hooks.partner.org:80/", /ports 443 and 8443/],
  ["https://hooks.partner.org:0/", /ports 443 and 8443/],
  ["https://hooks.partner.org:65536/", /no https URL/],
  [`https://hooks.partner.org/${"a".repeat(2048)}`, /more than 2048/],
  ["", /no https URL/],
];

test.for(FORBIDDEN)("%j cannot: %s", ([text, why]) => {
  expect(() => webhookUrl(text, PUBLIC)).toThrow(why);
  expect(() => webhookUrl(text, PUBLIC)).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
});

test.for([
  ["http://localhost:8080/hook", true],
  ["http://127.0.0.1:9/", true],
  ["https://[::1]:4443/", true],
  ["http://hooks.partner.org/", false],
  ["http://10.0.0.8/", false],
  ["http://169.254.169.254/", false],
  ["http://[fd00:ec2::254]/", false],
  ["http://user@localhost/", false],
  ["https://hooks.partner.org/", true],
] as const)("with the local switch, %s: %s", ([text, taken]) => {
  const take = () => webhookUrl(text, LOCAL);
  if (taken) expect(take().href).toBe(text);
  else expect(take).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
});
