// The official SDK for Node: the same SMS, which it sends as JSON.
"use strict";

const { SMS } = require(`${process.env.BUILD}/bench/node/node_modules/@vonage/sms`);

const WARM_UP = 100; // calls before the clock starts, as in the other programs
const MESSAGES = 1000;

const [, , , url, calls, inFlight] = process.argv;
const client = new SMS({ apiKey: "bench", apiSecret: "secret" }, { restHost: url });

const messages = [];
for (let i = 0; i < MESSAGES; i++) {
  messages.push({
    to: "447700" + String(i).padStart(6, "0"),
    text: `Hello Ann, your parcel ${i} arrives tomorrow between 9 and 12. `
      + "Reply STOP for no more of these.",
    clientRef: `order-${i}`,
  });
}

async function measure(count) {
  let started = 0;
  async function worker() {
    while (started < count) {
      started++;
      const result = await client.send({ from: "Acme", ...messages[started % MESSAGES] });
      if (result.messages[0].status !== "0") throw new Error("not accepted");
    }
  }
  const began = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  await Promise.all(Array.from({ length: Number(inFlight) }, worker));
  const { user, system } = process.cpuUsage(cpu);
  return [Number(process.hrtime.bigint() - began) / 1e9, (user + system) / 1e6];
}

async function main() {
  await measure(WARM_UP);
  const [seconds, cpu] = await measure(Number(calls));
  console.log(`${seconds.toFixed(6)} ${cpu.toFixed(6)}`);
  process.exit(0); // kept connections would hold it
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
