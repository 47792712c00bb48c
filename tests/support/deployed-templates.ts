import type { Resource, Synthesized, SynthesizedStack } from "../infra/synthesized.ts";
import { type Endpoints, type Identity, identityOf, type Place } from "./deployed-names.ts";

/** An account that nobody has: ARNs are made with it, as CloudFormation makes them with the real one. */
export const ACCOUNT = "123456789012";

/** One resource of a template with its properties as CloudFormation would resolve them. */
export interface Deployed {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly ref: string;
  readonly arn: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** One of the properties, resolved without the others; undefined where there is none. */
  property(...path: readonly string[]): unknown;
}

type Intrinsic = (argument: unknown, stack: SynthesizedStack) => unknown;

/** The templates of an environment, with every reference resolved to the names that things have on this machine. */
export class DeployedTemplates {
  readonly #stacks: readonly SynthesizedStack[];
  readonly #endpoints: Endpoints;
  readonly #intrinsics: Readonly<Record<string, Intrinsic>> = {
    Ref: (id, stack) => this.#pseudo(String(id), stack) ?? this.#identity(stack, String(id)).ref,
    "Fn::GetAtt": (path, stack) => this.#attribute(stack, Array.isArray(path) ? path : String(path).split(".", 2)),
    "Fn::GetStackOutput": (output) => this.#output(output as StackOutput),
    "Fn::ImportValue": (name, stack) => this.#export(String(this.resolve(name, stack))),
    "Fn::Join": (argument, stack) => {
      const [separator, parts] = this.resolve(argument, stack) as [string, string[]];
      return parts.join(separator);
    },
    "Fn::Select": (argument, stack) => {
      const [index, from] = this.resolve(argument, stack) as [number | string, unknown[]];
      return from[Number(index)];
    },
    "Fn::Split": (argument, stack) => {
      const [separator, text] = this.resolve(argument, stack) as [string, string];
      return text.split(separator);
    },
    "Fn::Sub": (argument, stack) => this.#substitute(argument, stack),
  };

  constructor({ stacks }: Synthesized, endpoints: Endpoints) {
    this.#stacks = Object.values(stacks);
    this.#endpoints = endpoints;
  }

  /** All resources of a type. Properties are resolved when they are looked at, so only what is used has to be known. */
  resources(type: string): Deployed[] {
    return this.#stacks.flatMap((stack) =>
      Object.entries(stack.template.Resources)
        .filter(([, resource]) => resource.Type === type)
        .map(([logicalId, resource]) => this.#deployed(stack, logicalId, resource)),
    );
  }

  /** A value with its intrinsic functions worked out. @throws Error for one that is not known here. */
  resolve(value: unknown, stack: SynthesizedStack): unknown {
    if (Array.isArray(value)) return value.map((each) => this.resolve(each, stack));
    if (typeof value !== "object" || value === null) return value;
    const [[name, argument] = ["", undefined], ...more] = Object.entries(value);
    if (more.length === 0 && (name === "Ref" || name.startsWith("Fn::"))) {
      const intrinsic = this.#intrinsics[name];
      if (!intrinsic) throw new Error(`${stack.name}: ${name} is not resolved here`);
      return intrinsic(argument, stack);
    }
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.resolve(each, stack)]));
  }

  #deployed(stack: SynthesizedStack, logicalId: string, resource: Resource): Deployed {
    const { ref, attributes } = this.#identity(stack, logicalId);
    const resolve = () => this.resolve(resource.Properties ?? {}, stack) as Deployed["properties"];
    let resolved: Deployed["properties"] | undefined;
    return {
      ...{ stack: stack.name, logicalId, type: resource.Type, ref, arn: attributes.Arn ?? ref },
      get properties() {
        resolved ??= resolve();
        return resolved;
      },
      property: (...path) => {
        const found = path.reduce<unknown>((value, name) => Object(value)[name], resource.Properties);
        return this.resolve(found, stack);
      },
    };
  }

  #identity(stack: SynthesizedStack, logicalId: string): Identity {
    const resource = stack.template.Resources[logicalId];
    if (!resource) throw new Error(`${stack.name} has no resource ${logicalId}`);
    if (resource.Type === "AWS::Lambda::Alias" || resource.Type === "AWS::Lambda::Version") {
      const { FunctionName, Name = "1" } = this.resolve(resource.Properties, stack) as Record<string, string>;
      const name = FunctionName?.split(":").at(-1) ?? "";
      return { ref: this.#functionArn(stack, `${name}:${Name}`), attributes: { Version: "1" } };
    }
    return identityOf(logicalId, resource, placeOf(stack), this.#endpoints, (value) => this.resolve(value, stack));
  }

  #functionArn(stack: SynthesizedStack, qualified: string): string {
    return `arn:aws:lambda:${placeOf(stack).region}:${ACCOUNT}:function:${qualified}`;
  }

  #attribute(stack: SynthesizedStack, [logicalId, attribute]: string[]): string {
    const value = this.#identity(stack, String(logicalId)).attributes[String(attribute)];
    if (value === undefined) throw new Error(`${stack.name}: ${logicalId}.${attribute} is not resolved here`);
    return value;
  }

  #pseudo(name: string, stack: SynthesizedStack): string | undefined {
    const { account, region } = placeOf(stack);
    const known: Readonly<Record<string, string>> = {
      "AWS::AccountId": account,
      "AWS::Partition": "aws",
      "AWS::Region": region,
      "AWS::StackName": stack.name,
      "AWS::URLSuffix": "amazonaws.com",
    };
    return known[name];
  }

  #output({ StackName, OutputName }: StackOutput): unknown {
    const stack = this.#stacks.find(({ name }) => name === StackName);
    const output = stack?.template.Outputs?.[OutputName];
    if (!stack || !output) throw new Error(`${StackName} has no output ${OutputName}`);
    return this.resolve(output.Value, stack);
  }

  #export(name: string): unknown {
    for (const stack of this.#stacks) {
      for (const output of Object.values(stack.template.Outputs ?? {}) as Output[]) {
        if (output.Export && this.resolve(output.Export.Name, stack) === name) return this.resolve(output.Value, stack);
      }
    }
    throw new Error(`no stack exports ${name}`);
  }

  #substitute(argument: unknown, stack: SynthesizedStack): string {
    const [text, variables = {}] = [argument].flat() as [string, Record<string, unknown>?];
    return text.replaceAll(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
      const given = variables[name];
      if (given !== undefined) return String(this.resolve(given, stack));
      return String(this.resolve(name.includes(".") ? { "Fn::GetAtt": name.split(".", 2) } : { Ref: name }, stack));
    });
  }
}

interface StackOutput {
  readonly StackName: string;
  readonly OutputName: string;
}

interface Output {
  readonly Value: unknown;
  readonly Export?: { readonly Name: unknown };
}

function placeOf({ name, region }: SynthesizedStack): Place {
  return { account: ACCOUNT, region, stack: name };
}
