// Arguments: base URL, API key of a sender, a wrong key. Prints one line a check; exit 1 if one fails.
import assert from 'node:assert/strict';
import { Resend } from 'resend';

const [baseUrl, key, wrongKey] = process.argv.slice(2);
const resend = new Resend(key, { baseUrl });
let failed = 0;

async function check(name, body) {
  try {
    await body();
    console.log(`ok ${name}`);
  } catch (e) {
    failed++;
    console.log(`FAILED ${name}: ${e.message}`);
  }
}

const mail = (to, more = {}) => ({ from: 'Acme <a@acme.test>', to, subject: 'SDK 🎉', text: 'x', ...more });

async function sent(payload, options) {
  const { data, error } = await resend.emails.send(payload, options);
  assert.equal(error, null);
  assert.match(data.id, /^[0-9a-f-]{36}$/);
  return data.id;
}

await check('send and get', async () => {
  const id = await sent(mail('sdk@x.test', {
    html: '<b>x</b>', cc: ['c@x.test'], replyTo: 'r@acme.test', headers: { 'X-A': '1' },
    tags: [{ name: 'category', value: 'sdk' }],
    attachments: [{ filename: 'a.txt', content: Buffer.from('hello').toString('base64') }],
  }));
  const { data } = await resend.emails.get(id);
  assert.equal(data.object, 'email');
  assert.deepEqual(data.to, ['sdk@x.test']);
  assert.deepEqual(data.reply_to, ['r@acme.test']);
  assert.equal(data.html, '<b>x</b>');
  assert.equal(data.subject, 'SDK 🎉');
  assert.ok(['queued', 'sent', 'delivery_delayed'].includes(data.last_event));
});

await check('list with cursors', async () => {
  const first = await sent(mail('l1@x.test'));
  const second = await sent(mail('l2@x.test'));
  const { data } = await resend.emails.list({ limit: 1, after: second });
  assert.equal(data.object, 'list');
  assert.equal(data.data[0].id, first);
  assert.equal(data.has_more, true);
});

await check('schedule, reschedule, cancel', async () => {
  const id = await sent(mail('s@x.test', { scheduledAt: 'in 1 hour' }));
  const at = new Date(Date.now() + 7200_000).toISOString();
  const updated = await resend.emails.update({ id, scheduledAt: at });
  assert.equal(updated.error, null);
  assert.equal(updated.data.id, id);
  const canceled = await resend.emails.cancel(id);
  assert.equal(canceled.error, null);
  assert.equal(canceled.data.object, 'email');
  assert.equal((await resend.emails.get(id)).data.last_event, 'canceled');
  const again = await resend.emails.cancel(id);
  assert.equal(again.error.name, 'validation_error');
});

await check('idempotency', async () => {
  const idempotencyKey = `sdk/${Date.now()}`;
  const first = await sent(mail('i@x.test'), { idempotencyKey });
  assert.equal(await sent(mail(['i@x.test']), { idempotencyKey }), first);
  const other = await resend.emails.send(mail('other@x.test'), { idempotencyKey });
  assert.equal(other.error.name, 'invalid_idempotent_request');
  assert.equal(other.error.statusCode, 409);
});

await check('batch, strict and permissive', async () => {
  const strict = await resend.batch.send([mail('b1@x.test'), { from: 'a@acme.test', subject: 'x' }]);
  assert.equal(strict.error.name, 'missing_required_field');
  const permissive = await resend.batch.send(
    [mail('b2@x.test'), { from: 'a@acme.test', subject: 'x' }], { batchValidation: 'permissive' });
  assert.equal(permissive.error, null);
  assert.equal(permissive.data.data.length, 1);
  assert.equal(permissive.data.errors[0].index, 1);
  const good = await resend.batch.send([mail('b3@x.test'), mail('b4@x.test')]);
  assert.equal(good.data.data.length, 2);
});

await check('template by name', async () => {
  await sent({ to: 't@x.test', template: { id: 'test', variables: { message: 'hi' } } });
});

await check('rate headers', async () => {
  const { headers } = await resend.emails.send(mail('rate@x.test'));
  assert.match(headers['ratelimit-limit'], /^[0-9]+$/);
  assert.match(headers['ratelimit-remaining'], /^[0-9]+$/);
  assert.match(headers['ratelimit-reset'], /^[0-9]+$/);
});

await check('errors', async () => {
  assert.equal((await resend.emails.get('00000000-0000-0000-0000-000000000000')).error.name, 'not_found');
  assert.equal((await new Resend(wrongKey, { baseUrl }).emails.send(mail('e@x.test'))).error.name, 'invalid_api_key');
  const injected = await resend.emails.send(mail('e@x.test', { subject: 'x\r\nBcc: e@evil.test' }));
  assert.equal(injected.error.statusCode, 422);
  const path = await resend.emails.send(mail('e@x.test', { attachments: [{ filename: 'a', path: 'http://127.0.0.1/' }] }));
  assert.equal(path.error.name, 'invalid_attachment');
});

process.exit(failed === 0 ? 0 : 1);
