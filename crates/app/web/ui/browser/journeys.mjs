// What people come to do, from the sign-in to the end, with one pair of hands: a keyboard alone, a
// mouse without script, a finger at 390 pixels. Each leaves something that the walk then finds.
import { looks } from "./look.mjs";
import { pointer, typist } from "./keyboard.mjs";
import { open } from "./tools.mjs";

/** The ways of working that are tried. */
export const ways = [
  { name: "by keyboard alone", size: 1280, hands: typist, options: {} },
  { name: "without script", size: 1280, hands: pointer, options: { javaScriptEnabled: false } },
  { name: "at 390 pixels", size: 390, hands: pointer, options: { hasTouch: true } },
];

const rule = (number) => `title: Example rule ${number} of a browser test
id: 00000000-0000-4000-8000-00000000000${number}
logsource:
  category: process_creation
  product: windows
detection:
  selection:
    CommandLine|contains: example-browser-${number}
  condition: selection
level: low
`;

/** All journeys in one way of working; the codes of what they make carry `number`. Returns the way in of whoever was invited. */
export async function journeys(browser, tests, address, way, number, at) {
  const page = await open(browser, way.size, way.options);
  const hands = way.hands(page);
  const role = (kind, name) => page.locator("main").getByRole(kind, { name }).first();
  const button = (name) => role("button", name);
  const link = (name) => role("link", name);
  const field = (name) => page.locator(`main [name="${name}"]`).first();
  const says = (text) => page.locator("body").getByText(text).first().waitFor({ timeout: 10_000 });
  const stand = (name) => (way.options.javaScriptEnabled === false ? undefined : looks(tests, page, `${name} ${way.name}`));
  const go = async (path) => {
    await page.goto(address + path);
    await page.waitForLoadState();
  };
  let invited;

  const steps = {
    async "sign in, take the top alert, close it, take that back"() {
      await go("/sign-in");
      await hands.write(page.locator('[autocomplete="username"]'), process.env.WARD_USER);
      await hands.write(page.locator('[autocomplete="current-password"]'), process.env.WARD_PASSWORD);
      await hands.follow(button(/sign in|continue/i));
      await page.waitForURL((url) => url.pathname === "/");
      await hands.follow(page.getByRole("navigation").getByRole("link", { name: "Alerts", exact: true }).first());
      await go("/alerts?state=new");
      await hands.follow(page.locator('main td a[href^="/alerts/"], main th a[href^="/alerts/"]').first());
      await page.waitForURL(/\/alerts\/[0-9a-f-]{36}/);
      steps.alert = new URL(page.url()).pathname;
      await hands.follow(button("Take this alert"));
      await says("Undo");
      const close = page.locator("main details", { has: page.locator('[name="verdict"]') });
      await hands.press(close.locator("summary"));
      await hands.choose(close.locator('[value="benign"]'));
      await hands.write(close.locator('[name="text"]'), "Example of a reason");
      await hands.follow(close.getByRole("button", { name: "Close this alert" }));
      await says("Undo");
      await says("Closed as benign");
      await stand("a closed alert");
      await hands.follow(page.getByRole("button", { name: "Undo" }).first());
      await page.locator("main").getByText("Taken by you").first().waitFor();
    },
    async "make an exception, then take it back"() {
      await go(steps.alert);
      await hands.follow(link("Make an exception"));
      await page.waitForURL(/exception$/);
      await hands.write(field("reason"), "Example of a reason");
      await hands.follow(button("Try it on earlier alerts"));
      await stand("an exception tried");
      await hands.follow(button("Make the exception"));
      await page.waitForURL((url) => !url.pathname.endsWith("/exception"));
      await go("/exceptions");
      await hands.follow(page.locator('main a[href^="/exceptions/"]:not([href*="export"])').first());
      await page.waitForURL(/\/exceptions\/[0-9a-f-]{36}/);
      await stand("an exception");
      if (number > 1) {
        await hands.follow(page.locator('main a[href$="/revoke"]').first());
        await page.waitForURL(/revoke$/);
        await hands.follow(page.locator('main form[action*="revoke"] button').first());
        await page.waitForURL((url) => !url.pathname.endsWith("/revoke"));
      }
    },
    async "upload a folder of rules and use it"() {
      await go("/rules/upload");
      await hands.write(field("name"), `Example folder ${number}`);
      await hands.give(field("files"), [{ name: "example.yml", mimeType: "application/yaml", buffer: Buffer.from(rule(number)) }]);
      await hands.follow(button(/upload/i));
      await page.waitForURL(/\/rules\/folders\/./);
      await stand("the report on a folder");
      await hands.follow(page.locator('main form[action$="/use"] button').first());
      await says("Undo");
    },
    async "add a person"() {
      await go("/people/invite");
      await hands.write(field("email"), `viewer${number}@example.org`);
      await hands.write(field("name"), `Example Viewer ${number}`);
      await hands.choose(page.locator('main [name="role"][value="viewer"]'));
      await hands.pick(field("place"));
      await hands.follow(button("Invite"));
      const told = page.locator("main code").first();
      await told.waitFor();
      await stand("an invitation");
      invited = (await told.textContent()).trim();
    },
    async "import the map after a dry run"() {
      await go("/map/import");
      const buffer = Buffer.from(`code,name,organisation,kind,patients_per_day,criticality,hours\n${at}-EXW${number},Example ward ${number},${at},care,10,3,24/7\n`);
      await hands.give(field("file"), [{ name: "services.csv", mimeType: "text/csv", buffer }]);
      await hands.follow(button("Look through"));
      await page.waitForURL(/\/map\/import\/\d+/);
      await says(`Example ward ${number}`);
      await stand("what an import would change");
      if (number > 1) {
        await hands.follow(page.locator('main form[action$="/apply"] button').first());
        await page.waitForURL((url) => !/import\/\d+\/apply/.test(url.pathname));
        await go(`/map/services/${at}-EXW${number}`);
        await says(`Example ward ${number}`);
      }
    },
    async "make a group and a token, and be told what is missing"() {
      await go("/groups");
      await hands.write(field("name"), `Example group ${number}`);
      await hands.follow(button("Make the group"));
      await says(`Example group ${number}`);
      await stand("a group made");
      await go("/tokens/new");
      await hands.write(field("organisation"), at);
      await hands.follow(button("Make token"));
      const errors = page.locator("main .nhsuk-error-summary");
      await errors.waitFor();
      page.wrong = page.wrong.filter((line) => !line.includes("status of 422"));
      await stand("a form that is not filled in");
      await hands.write(field("name"), `Example token ${number}`);
      await hands.follow(button("Make token"));
      await page.locator("main code").first().waitFor();
      await stand("a token made");
    },
  };
  for (const [name, step] of Object.entries(steps)) {
    let wrong = [];
    try {
      await step();
      wrong = page.wrong;
    } catch (error) {
      wrong = [`${error.message.split("\n").slice(0, 4).join(" ")} at ${page.url()}`];
    }
    tests.check(`${name}, ${way.name}`, wrong);
    page.wrong = [];
  }
  await page.context().close();
  return invited;
}
