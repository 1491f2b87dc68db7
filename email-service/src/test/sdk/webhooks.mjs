// Argument: a file with an array of {secret, payload, headers: {id, timestamp, signature}}. Prints a line each; exit 1 if
// the SDK refuses one, or takes one that was changed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Resend } from 'resend';

const { webhooks } = new Resend('re_none');

for (const { secret, payload, headers } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const event = webhooks.verify({ payload, headers, webhookSecret: secret });
  assert.ok(event.data.email_id && event.data.message_id && event.data.to.length === 1);
  assert.throws(() => webhooks.verify({ payload: payload.replace('email', 'Email'), headers, webhookSecret: secret }));
  assert.throws(() => webhooks.verify({ payload, headers: { ...headers, id: 'msg_other' }, webhookSecret: secret }));
  assert.throws(() => webhooks.verify({ payload, headers: { ...headers, timestamp: '1700000000' }, webhookSecret: secret }));
  console.log(`verified ${event.type}`);
}
