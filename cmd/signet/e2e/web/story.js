// Tells the story of one user to a server with the transports that browsers use. The types of the messages come from the
// descriptors that the test hands over, so that nothing is generated.
//
// Arguments: URL, token file, descriptor set file, email address. Prints a line of JSON for each transport.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

const [baseUrl, tokenFile, descriptorFile, email] = process.argv.slice(2);
const token = readFileSync(tokenFile, "utf8").trim();
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptorFile)));

const authorize = (next) => (request) => {
  request.header.set("Authorization", `Bearer ${token}`);
  return next(request);
};

async function refusal(call, code) {
  const error = await call.then(
    () => assert.fail(`${Code[code]} expected, but it succeeded`),
    (reason) => ConnectError.from(reason),
  );
  assert.equal(error.code, code, error.message);
  return error;
}

async function story(name, transport, address) {
  const users = createClient(registry.getService("signet.user.v2.UserService"), transport);
  const inbox = createClient(registry.getService("signet.inbox.v1.InboxService"), transport);

  let position;
  const { userId } = await users.addHumanUser(
    { profile: { givenName: "Ada", familyName: "Lovelace" }, email: { email: address } },
    { onHeader: (headers) => (position = headers.get("Signet-Position")) },
  );
  assert.match(position, /^[1-9][0-9]*$/);

  const { message } = await inbox.waitMessage({ recipient: address });
  assert.match(message.code, /^[A-Z0-9]{6}$/);
  await refusal(users.verifyEmail({ userId, verificationCode: "wrong" }), Code.InvalidArgument);
  await users.verifyEmail({ userId, verificationCode: message.code });

  const { user } = await users.getUserByID({ userId });
  assert.equal(user.type.case, "human");
  assert.equal(user.type.value.email.isVerified, true);
  const listed = await users.listUsers({
    queries: [{ query: { case: "emailQuery", value: { emailAddress: address } } }],
  });
  assert.deepEqual(listed.result.map((u) => u.userId), [userId]);

  const missing = await refusal(users.getUserByID({ userId: "nobody" }), Code.NotFound);
  assert.equal(missing.details[0]?.type, "google.rpc.ErrorInfo");
  const { secret } = await users.registerTOTP({ userId });
  assert.match(secret, /^[A-Z2-7]{32}$/);
  console.log(JSON.stringify({ transport: name, userId, position }));
}

const transports = {
  "grpc-web": createGrpcWebTransport({ baseUrl, interceptors: [authorize] }),
  "grpc-web-json": createGrpcWebTransport({ baseUrl, interceptors: [authorize], useBinaryFormat: false }),
  connect: createConnectTransport({ baseUrl, interceptors: [authorize], useBinaryFormat: true }),
  "connect-json": createConnectTransport({ baseUrl, interceptors: [authorize] }),
};
for (const [name, transport] of Object.entries(transports)) {
  await story(name, transport, `${name}-${email}`);
}
