export const usage = `Usage: npx gazetteer <command> [options]

Publishes releases: readers see either all of a release or none of it. Whatever ends a publication before its time,
the same command goes on where it stood; a release that was published before is known again and not published twice.

Commands:
  publish <folder or .zip>    publish a release
  validate <folder or .zip>   check a release against what stands; writes nothing
  releases                    list the latest releases
  revert <number>             publish a release that undoes another
  status                      say what is published, and whether a publication is under way
  dump <folder>               write the whole portal into a folder, a file for each table
  pull <folder>               keep a copy of a portal in a folder: a dump first, then what changed
  diff <release> <release>    say what changed from one release to another
  keys create <name>          make an API key for a partner, and show it this once
  keys list                   list the keys, those that ended within 90 days included
  keys rotate <id>            make a key in place of another; both work for a while
  keys revoke <id>            end a key; nobody is served by it a minute later
  webhooks add <url>          tell a partner of each release, and show the secret that messages are signed with
  webhooks list               list the webhooks, and how telling them goes
  webhooks rotate <id>        give a webhook a new secret; the one before signs as well for a while
  webhooks test <id>          send a test; one that arrives brings back a webhook that was disabled
  webhooks remove <id>        tell a partner no more

Options:
  --env <name>       the tables of a deployed environment: dev, staging or prod
  --endpoint <url>   a DynamoDB to use instead of AWS's; npm start prints the one of the portal on this machine
  --tables <prefix>  how the tables are called (default: gazetteer-<env>, or gazetteer without --env)
  --dry-run          publish: the same as validate
  --settle-ms <ms>   publish, revert: how long the commit waits for indexes and eventually consistent reads
                     (default: 5000 on AWS, 0 on this machine)
  --last <number>    releases: how many (default: 20)
  --format <name>    dump: parquet (the default), csv or ndjson, these two compressed by gzip
                     pull: csv (the default), ndjson or parquet
  --url <address>    pull, diff: the portal, like https://data.example.org
  --key <API key>    pull, diff: one that may export lets pull begin with a dump, and compare with it
  --watch            pull: go on, and take in each release as it is published
  --since <release>  pull: take in again what changed after that release, though it is there
  --plan <name>      keys create: basic, standard or bulk
  --scopes <list>    keys create: what it may be used for, of query,export (default: all that the plan allows)
  --expires <time>   keys create, rotate: lifetime like 90d, or never (default: 365d; that of the old key)
  --overlap <time>   keys rotate, webhooks rotate: how long the old one still works, like 24h (default: 7d)
  --partner <name>   webhooks add: whose it is
  --allow-local      webhooks add, test: let in URLs of this machine, http too; never where others can reach the portal
  --json             print the result as JSON, to stdout; progress and messages for people go to stderr
  --help, -h         show this text

One of --env and --endpoint is needed, but by pull and diff, which ask the portal itself: they need --url. AWS credentials and settings come from where the AWS CLI takes them.

Environment:
  AWS_ENDPOINT_URL_DYNAMODB   endpoint to use when --endpoint is not given
  WEBHOOK_KEYS_SECRET         webhooks add, rotate, test: the secret in Secrets Manager that holds their keys
  WEBHOOK_KEYS                the keys themselves, for a portal on this machine
  GAZETTEER_URL               address to use when --url is not given
  GAZETTEER_KEY               API key to use when --key is not given; unlike --key, other users do not see it

Exit codes:
  0  done; also when there was nothing new to publish
  1  the store failed, or something else that is not the release's fault
  2  the command line is wrong
  3  refused: the release does not hold together, or what was asked for cannot be; nothing was published
  4  another publication is under way
  5  paused by Ctrl-C; the same command goes on
`;
