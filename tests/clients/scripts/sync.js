// What stands in INBOX.
async function sync() {
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
  const inbox = await openInbox();
  return Promise.all([...inbox.messages].map(
    message => text(inbox.getUriForMsg(message))));
}
