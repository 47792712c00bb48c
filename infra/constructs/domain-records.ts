import type { Distribution } from "aws-cdk-lib/aws-cloudfront";
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from "aws-cdk-lib/aws-route53";
import { CloudFrontTarget } from "aws-cdk-lib/aws-route53-targets";
import { Construct } from "constructs";
import type { Domain } from "../environments.ts";

/** The environment's host name, pointing at CloudFront over IPv4 and IPv6. Nothing for a domain that is kept elsewhere. */
export class DomainRecords extends Construct {
  constructor(scope: Construct, id: string, { name, hostedZone }: Domain, distribution: Distribution) {
    super(scope, id);
    if (hostedZone === null) return;
    const zone = HostedZone.fromHostedZoneAttributes(this, "Zone", {
      hostedZoneId: hostedZone.id,
      zoneName: hostedZone.name,
    });
    const target = RecordTarget.fromAlias(new CloudFrontTarget(distribution));
    new ARecord(this, "Ipv4", { zone, recordName: name, target });
    new AaaaRecord(this, "Ipv6", { zone, recordName: name, target });
  }
}
