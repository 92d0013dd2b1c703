// Submit the message in a file.
async function send({ path, sender, recipient }) {
  const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  file.initWithPath(path);
  const name = MailServices.headerParser.makeFromDisplayAddress(recipient);
  await new Promise((resolve, reject) =>
    MailServices.outgoingServer.getServerByKey("smtp1").sendMailMessage(
      file, name, [], MailServices.accounts.getIdentity("id1"),
      sender, null, null, false, "", {
        QueryInterface: ChromeUtils.generateQI(["nsIMsgOutgoingListener"]),
        onSendStart() {},
        onSendStop(server, status, security, message) {
          status ? reject(`${status.toString(16)} ${message}`) : resolve();
        },
      }));
}
