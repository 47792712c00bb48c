import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { PortalError } from "../errors.ts";
import { type CallScope, storeError } from "./calls.ts";
import { chunks, type Item, type QuerySpec, queryInput } from "./requests.ts";

/** The names of the tables as deployed; the keys of this record are the tables of `infra/tables.ts`. */
export interface TableNames {
  readonly catalogue: string;
  readonly series: string;
}

export interface StoreOptions {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  /** A number in [0, 1) that spreads retries; passed in so that tests are repeatable. */
  readonly random?: () => number;
}

/** BatchGetItem takes at most 100 keys. */
const BATCH_GET_LIMIT = 100;
/** BatchWriteItem takes at most 25 items. */
export const BATCH_PUT_LIMIT = 25;
const MAX_ATTEMPTS = 8;

/** An item under this key does not exist, or no longer looks as it did when it was read. */
export interface PutCondition {
  readonly expression: string;
  readonly names?: Record<string, string>;
  readonly values?: Item;
}

/**
 * The one place that calls DynamoDB. Every call is metered, shares the deadline of its scope, and either answers for
 * everything it was asked or throws: a throttled item is never reported as a missing one.
 */
export class Store {
  readonly tables: TableNames;
  readonly #client: DynamoDBClient;
  readonly #random: () => number;

  constructor({ client, tables, random = Math.random }: StoreOptions) {
    this.#client = client;
    this.tables = tables;
    this.#random = random;
  }

  async get(table: string, key: Item, scope: CallScope, consistent = false): Promise<Item | undefined> {
    const answer = await this.#send(scope, "GetItem", "read", (options) =>
      this.#client.send(
        new GetItemCommand({ TableName: table, Key: key, ConsistentRead: consistent, ReturnConsumedCapacity: "TOTAL" }),
        options,
      ),
    );
    return answer.Item;
  }

  /** All items that exist under the keys, in no order. Keys must be distinct. */
  async getMany(table: string, keys: readonly Item[], scope: CallScope, consistent = false): Promise<Item[]> {
    const groups = chunks(keys, BATCH_GET_LIMIT);
    return (await Promise.all(groups.map((group) => this.#getBatch(table, group, scope, consistent)))).flat();
  }

  async #getBatch(table: string, keys: Item[], scope: CallScope, consistent: boolean): Promise<Item[]> {
    const found: Item[] = [];
    let pending = keys;
    for (let attempt = 1; pending.length > 0; attempt += 1) {
      const request = { [table]: { Keys: pending, ConsistentRead: consistent } };
      const answer = await this.#send(scope, "BatchGetItem", "read", (options) =>
        this.#client.send(new BatchGetItemCommand({ RequestItems: request, ReturnConsumedCapacity: "TOTAL" }), options),
      );
      found.push(...(answer.Responses?.[table] ?? []));
      pending = answer.UnprocessedKeys?.[table]?.Keys ?? [];
      if (pending.length > 0) await this.#backOff(attempt, scope);
    }
    return found;
  }

  /** One page of a Query: at most a megabyte or `limit` items, and where to go on. */
  async queryPage(spec: QuerySpec, scope: CallScope): Promise<{ items: Item[]; next: Item | undefined }> {
    const answer = await this.#send(scope, "Query", "read", (options) =>
      this.#client.send(new QueryCommand(queryInput(spec)), options),
    );
    return { items: answer.Items ?? [], next: answer.LastEvaluatedKey };
  }

  /**
   * Everything that a Query finds, one call per megabyte.
   * @param scope of all calls together, or one for each: what publishing reads has no end that is known before.
   */
  async queryAll(spec: QuerySpec, scope: CallScope | (() => CallScope)): Promise<Item[]> {
    const scopeOfCall = typeof scope === "function" ? scope : () => scope;
    const items: Item[] = [];
    let startAfter: Item | undefined;
    do {
      const page = await this.queryPage({ ...spec, ...(startAfter ? { startAfter } : {}) }, scopeOfCall());
      items.push(...page.items);
      startAfter = page.next;
    } while (startAfter);
    return items;
  }

  /** Puts one item; throws ConditionalCheckFailedException when the condition does not hold. */
  async put(table: string, item: Item, scope: CallScope, condition?: PutCondition): Promise<void> {
    await this.#send(scope, "PutItem", "write", (options) =>
      this.#client.send(
        admitted(
          new PutItemCommand({
            TableName: table,
            Item: item,
            ReturnConsumedCapacity: "TOTAL",
            ...(condition
              ? {
                  ConditionExpression: condition.expression,
                  ...(condition.names ? { ExpressionAttributeNames: condition.names } : {}),
                  ...(condition.values ? { ExpressionAttributeValues: condition.values } : {}),
                }
              : {}),
          }),
          scope,
        ),
        options,
      ),
    );
  }

  /** Puts up to 25 items, unconditionally. */
  async putBatch(table: string, items: readonly Item[], scope: CallScope): Promise<void> {
    let pending = items.map((item) => ({ PutRequest: { Item: item } }));
    for (let attempt = 1; pending.length > 0; attempt += 1) {
      const request = { [table]: pending };
      const answer = await this.#send(scope, "BatchWriteItem", "write", (options) =>
        this.#client.send(
          admitted(new BatchWriteItemCommand({ RequestItems: request, ReturnConsumedCapacity: "TOTAL" }), scope),
          options,
        ),
      );
      pending = (answer.UnprocessedItems?.[table] ?? []) as typeof pending;
      if (pending.length > 0) await this.#backOff(attempt, scope);
    }
  }

  async delete(table: string, key: Item, scope: CallScope): Promise<void> {
    await this.#send(scope, "DeleteItem", "write", (options) =>
      this.#client.send(
        admitted(new DeleteItemCommand({ TableName: table, Key: key, ReturnConsumedCapacity: "TOTAL" }), scope),
        options,
      ),
    );
  }

  /** Updates one item and returns it as it is afterwards. */
  async update(input: Omit<UpdateItemCommandInput, "ReturnValues">, scope: CallScope): Promise<Item> {
    const answer = await this.#send(scope, "UpdateItem", "write", (options) =>
      this.#client.send(
        new UpdateItemCommand({ ...input, ReturnValues: "ALL_NEW", ReturnConsumedCapacity: "TOTAL" }),
        options,
      ),
    );
    return answer.Attributes ?? {};
  }

  async #send<Answer extends { ConsumedCapacity?: Capacity | Capacity[] | undefined }>(
    scope: CallScope,
    operation: string,
    kind: "read" | "write",
    call: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      scope.signal.throwIfAborted();
      const answer = await call({ abortSignal: scope.signal });
      scope.meter.record(operation, kind, unitsOf(answer.ConsumedCapacity));
      return answer;
    } catch (error) {
      throw storeError(error);
    }
  }

  /** Waits a random time up to an exponentially growing bound ("full jitter"), within the deadline. */
  async #backOff(attempt: number, scope: CallScope): Promise<void> {
    if (attempt >= MAX_ATTEMPTS) {
      throw new PortalError("UNAVAILABLE", "The store left items unprocessed too often; try again shortly.");
    }
    // A signal that has aborted already tells nobody.
    if (scope.signal.aborted) throw storeError(scope.signal.reason);
    const wait = this.#random() * Math.min(1000, 10 * 2 ** attempt);
    await new Promise<void>((done, fail) => {
      const abort = () => {
        clearTimeout(timer);
        fail(storeError(scope.signal.reason));
      };
      const timer = setTimeout(() => {
        scope.signal.removeEventListener("abort", abort);
        done();
      }, wait);
      scope.signal.addEventListener("abort", abort, { once: true });
    });
  }
}

type Command = PutItemCommand | BatchWriteItemCommand | DeleteItemCommand;

/** A command that asks for admission behind everything else that is done before an attempt leaves: signing included. */
function admitted<C extends Command>(command: C, { admit }: CallScope): C {
  // Every command's stack takes it; the types of one stand for those of all.
  (command as PutItemCommand).middlewareStack.add(
    (next) => (args) => {
      admit?.();
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "admission" },
  );
  return command;
}

interface Capacity {
  readonly CapacityUnits?: number | undefined;
}

function unitsOf(consumed: Capacity | Capacity[] | undefined): number {
  return [consumed ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}
