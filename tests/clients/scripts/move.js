// Move all of INBOX to a folder.
async function move({ folder }) {
  const inbox = await openInbox();
  await new Promise((resolve, reject) => MailServices.copy.copyMessages(
    inbox, [...inbox.messages], rootFolder().getChildNamed(folder), true, {
      QueryInterface: ChromeUtils.generateQI(["nsIMsgCopyServiceListener"]),
      onStartCopy() {},
      onProgress() {},
      setMessageKey() {},
      getMessageId() {},
      onStopCopy(status) {
        status ? reject(`status ${status.toString(16)}`) : resolve();
      },
    }, messageWindow(), false));
}
