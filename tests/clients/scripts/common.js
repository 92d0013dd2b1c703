// What the other scripts share.
const { MailServices } = ChromeUtils.importESModule(
  "resource:///modules/MailServices.sys.mjs");
const { setTimeout } = ChromeUtils.importESModule(
  "resource://gre/modules/Timer.sys.mjs");

const rootFolder = () =>
  MailServices.accounts.getAccount("account1").incomingServer.rootFolder;
const messageWindow = () =>
  Services.wm.getMostRecentWindow("mail:3pane").msgWindow;

// Settled when what start() begins with an nsIUrlListener has ended.
const ended = start => new Promise((resolve, reject) => start({
  QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
  OnStartRunningUrl() {},
  OnStopRunningUrl(url, status) {
    status ? reject(`status ${status.toString(16)}`) : resolve();
  },
}));

// The INBOX with its new mail, all folders being known.
async function openInbox() {
  const inbox = () => rootFolder().getFolderWithFlags(
    Ci.nsMsgFolderFlags.Inbox);
  await ended(listener =>
    MailServices.imap.discoverAllFolders(rootFolder(), listener,
                                         messageWindow()));
  while (!inbox())
    await new Promise(resolve => setTimeout(resolve, 20));
  await ended(listener => inbox().getNewMessages(messageWindow(), listener));
  return inbox();
}
