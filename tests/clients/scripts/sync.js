// The folders and new mail of the account; what stands in INBOX then.
async function sync() {
  const { MailServices } = ChromeUtils.importESModule(
    "resource:///modules/MailServices.sys.mjs");
  const { setTimeout } = ChromeUtils.importESModule(
    "resource://gre/modules/Timer.sys.mjs");
  const window = Services.wm.getMostRecentWindow("mail:3pane").msgWindow;
  const root = MailServices.accounts.getAccount("account1").incomingServer
    .rootFolder;
  const ended = start => new Promise((resolve, reject) => start({
    QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
    OnStartRunningUrl() {},
    OnStopRunningUrl(url, status) {
      status ? reject(`status ${status.toString(16)}`) : resolve();
    },
  }));
  const text = uri => new Promise((resolve, reject) => {
    let data = "";
    MailServices.messageServiceFromURI(uri).streamMessage(uri, {
      QueryInterface: ChromeUtils.generateQI(["nsIStreamListener"]),
      onStartRequest() {},
      onDataAvailable(request, stream, offset, count) {
        const scriptable = Cc["@mozilla.org/scriptableinputstream;1"]
          .createInstance(Ci.nsIScriptableInputStream);
        scriptable.init(stream);
        data += scriptable.read(count);
      },
      onStopRequest(request, status) {
        status ? reject(`status ${status.toString(16)}`) : resolve(data);
      },
    }, null, null, false, "", false);
  });

  await ended(listener =>
    MailServices.imap.discoverAllFolders(root, listener, window));
  let inbox;
  while (!(inbox = root.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox)))
    await new Promise(resolve => setTimeout(resolve, 20));
  await ended(listener => inbox.getNewMessages(window, listener));
  return Promise.all([...inbox.messages].map(
    message => text(inbox.getUriForMsg(message))));
}
