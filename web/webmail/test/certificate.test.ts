/** Known answers of SEED and of KISA's key protection; files of every kind, made by other programs, opened as the page does. */
import { readFileSync } from 'node:fs';
import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { collect, open } from '../src/certificate/choosing.ts';
import { DerError, read } from '../src/certificate/der.ts';
import { hashContent, identityProof, readCertificate } from '../src/certificate/identity.ts';
import { digest, fromBase64, fromHex, toHex } from '../src/certificate/octets.ts';
import { payload, sign } from '../src/certificate/proof.ts';
import { seedDecrypt } from '../src/certificate/seed.ts';
import { pbkdf1, WrongPassword } from '../src/certificate/unlocking.ts';

// Thousands of rounds, on a machine that others use too.
vi.setConfig({ testTimeout: 60_000 });

const PASSWORD = 'test1234!';
const files = JSON.parse(readFileSync(new URL('certificate-files.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;
const file = (name: string): Uint8Array<ArrayBuffer> => fromBase64(files[name] ?? '');
const chosen = (path: string, name: string) => {
  const octets = file(name);
  return { path, size: octets.length, octets: () => Promise.resolve(octets.buffer) };
};

describe('SEED', () => {
  it.each([
    ['00000000000000000000000000000000', '000102030405060708090a0b0c0d0e0f', '5ebac6e0054e166819aff1cc6d346cdb'],
    ['000102030405060708090a0b0c0d0e0f', '00000000000000000000000000000000', 'c11f22f20140505084483597e4370f43'],
    ['4706480851e61be85d74bfb3fd956185', '83a2f8a288641fb9a4e9a5cc2f131c7d', 'ee54d13ebcae706d226bc3142cd40d4a'],
    ['28dbc3bc49ffd87dcfa509b11d422be7', 'b41e6be2eba84a148e2eed84593c5ec7', '9b9b7bfcd1813cb95d0b3618f40f5122'],
  ])('gives the known answer for %s', (key, plain, sealed) => {
    expect(toHex(seedDecrypt(fromHex(key), fromHex(sealed)))).toBe(plain);
  });
});

it('derives the known key and vector', async () => {
  const derived = await pbkdf1(PASSWORD, fromHex('0001020304050607'), 2048);
  expect(toHex(derived.subarray(0, 16))).toBe('2dfe4c4cd89b16e603f0f5f8c1f15539');
  expect(toHex((await digest('SHA-1', derived.slice(16))).subarray(0, 16))).toBe('1783846ed8d00e11fc03a343fdca22b2');
});

it('computes the known VID', async () => {
  const random = fromHex('000102030405060708090a0b0c0d0e0f10111213');
  expect(toHex(hashContent('123-45-67891', random))).toBe(
    '3023130a31323334353637383931031500000102030405060708090a0b0c0d0e0f10111213',
  );
  const value = fromHex('b9cb214f30366293c8ed681fd050e7a554a6aba40eda1f2720f2897531eee490');
  expect(await identityProof({ hash: 'SHA-256', value }, '1234567891', random)).not.toBeNull();
  expect(await identityProof({ hash: 'SHA-256', value }, '1234567892', random)).toBeNull();
});

it('shows whose a certificate is', () => {
  const one = readCertificate(file('certificate'));
  expect(one).toMatchObject({ name: '홍길동()0099041234567890', issuer: 'yessign', purpose: 'personal', signs: true });
  expect(new Date(one.until).getUTCFullYear()).toBe(2036);
});

const pair = (way: string) => [chosen('NPKI/u/signCert.der', 'certificate'), chosen('NPKI/u/signPri.key', way)];
const KINDS: [string, ReturnType<typeof pair>][] = [
  ...['seed15', 'seed4', 'pbes2-seed', 'pbes2-aes'].map((way): [string, ReturnType<typeof pair>] => [way, pair(way)]),
  ...['pfx-aes', 'pfx-3des', 'pfx-rc2'].map((name): [string, ReturnType<typeof pair>] => [
    name,
    [chosen(`${name}.p12`, name)],
  ]),
];

describe.each(KINDS)('a file protected by %s', (name, group) => {
  it('opens with its password, and signs', async () => {
    const [choice] = await collect(group);
    if (!choice) throw new Error('nothing was found');
    const opened = await open(choice, PASSWORD);
    expect(opened.certificate.name).toContain('홍길동');
    const { publicKey } = new X509Certificate(file('certificate'));
    const text = new TextEncoder().encode('line');
    expect(
      verify(
        'sha256',
        text,
        createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
        await opened.key.sign(text),
      ),
    ).toBe(true);
    if (!name.startsWith('pfx')) expect(toHex(opened.key.random ?? new Uint8Array(0))).toBe(files.random);
  });

  it('does not open with another', async () => {
    const [choice] = await collect(group);
    if (!choice) throw new Error('nothing was found');
    for (const wrong of ['test1234', '', 'TEST1234!']) await expect(open(choice, wrong)).rejects.toThrow(WrongPassword);
  });
});

it('finds the proof of the identity number that the server wants', async () => {
  const [choice] = await collect(pair('seed15'));
  if (!choice) throw new Error('nothing was found');
  const { certificate, key } = await open(choice, PASSWORD);
  if (!certificate.vid || !key.random) throw new Error('no identity');
  const proof = await identityProof(certificate.vid, '1234567891', key.random);
  expect(toHex(proof ?? new Uint8Array(0))).toBe(files.vidProof);
});

it('finds pairs by their place and leaves those for encryption out', async () => {
  const found = await collect([
    ...pair('seed15'),
    chosen('NPKI/u/kmCert.der', 'encryptionCertificate'),
    chosen('NPKI/u/kmPri.key', 'seed15'),
    chosen('NPKI/other/signCert.der', 'certificate'),
    chosen('GPKI/class2/055_sig.cer', 'certificate'),
    chosen('GPKI/class2/055_sig.key', 'seed4'),
    chosen('GPKI/class2/055_env.cer', 'encryptionCertificate'),
    chosen('NPKI/u/readme.txt', 'seed15'),
  ]);
  expect(found.map((one) => one.id)).toEqual(['NPKI/u/signCert.der', 'GPKI/class2/055_sig.cer']);
});

it('makes SignedData over the line', async () => {
  const [choice] = await collect(pair('seed15'));
  if (!choice) throw new Error('nothing was found');
  const { certificate, others, key } = await open(choice, PASSWORD);
  const text = payload({ origin: 'https://a', account: 'hong@a.example', nonce: 'bm9uY2U', time: 1_700_000_000 });
  expect(text).toBe('SmartMail-Login-v1|https://a|hong@a.example|bm9uY2U|1700000000');
  const signed = await sign(text, certificate, others, key, 1_700_000_000_000);
  const hex = toHex(signed);
  expect(read(signed).whole.length).toBe(signed.length);
  expect(hex).toContain(createHash('sha256').update(text).digest('hex'));
  expect(hex).not.toContain(files.random);
});

it('says of junk that it is junk', async () => {
  expect(() => readCertificate(fromHex('3003020103'))).toThrow(DerError);
  expect(() => read(fromHex('3080'))).toThrow(DerError);
  expect(() => read(fromHex('3084ffffffff00'))).toThrow(DerError);
  expect(await collect([{ path: 'x.der', size: 3, octets: () => Promise.resolve(fromHex('300101').buffer) }])).toEqual(
    [],
  );
});
