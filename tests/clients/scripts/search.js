// The subjects of INBOX's messages that the server finds by a text in bodies.
async function search({ text }) {
  const inbox = await openInbox();
  const session = Cc["@mozilla.org/messenger/searchSession;1"]
    .createInstance(Ci.nsIMsgSearchSession);
  session.addScopeTerm(Ci.nsMsgSearchScope.onlineMail, inbox);
  const term = session.createTerm();
  const value = term.value;
  term.attrib = value.attrib = Ci.nsMsgSearchAttrib.Body;
  term.op = Ci.nsMsgSearchOp.Contains;
  value.str = text;
  term.value = value;
  session.appendTerm(term);
  const subjects = [];
  await new Promise((resolve, reject) => {
    session.registerListener({
      QueryInterface: ChromeUtils.generateQI(["nsIMsgSearchNotify"]),
      onNewSearch() {},
      onSearchHit(message) {
        subjects.push(message.mime2DecodedSubject);
      },
      onSearchDone(status) {
        status ? reject(`status ${status.toString(16)}`) : resolve();
      },
    });
    session.search(messageWindow());
  });
  return subjects;
}
