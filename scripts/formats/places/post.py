"""Mail: messages, mailboxes, saved pages."""
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from places import drawn
from places.office import small_docx
from share import package


def eml(plant):
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = f"{plant.code('name of the sender', 'message')} <a@lights.example>", f"{plant.code('name of the recipient', 'message')} <b@lights.example>"
    message["Subject"], message["X-Classification"] = plant("subject", "message"), plant("header of its own")
    message.set_content(plant("text", "message") + "\n")
    message.add_alternative(f'<html><head><title>{plant("title of the HTML body", "message")}</title></head><body><p>{plant("HTML body", "message")}</p><!-- {plant("comment in the HTML body")} --><p style="display:none">{plant("hidden text in the HTML body")}</p><!--[if mso]><p>{plant("conditional comment in the HTML body", "comments")}</p><![endif]--></body></html>', subtype="html")
    html = message.get_payload()[1]
    html.add_related(drawn.picture(plant.inner(".+"), "inline picture"), "image", "png", cid="<p>")
    message.add_attachment(package([("deep/plan.docx", small_docx(plant("document in an archive that is attached", inside="plan.docx"))),
                                    ("deep/scan.png", drawn.picture(plant.inner(r"scan\.png"), "picture in an archive that is attached"))]), maintype="application", subtype="zip", filename="annex.zip")
    message.add_attachment(plant("attachment with an encoded name", inside="密").encode(), maintype="text", subtype="plain", filename="密.txt")
    inner = EmailMessage(policy=SMTP)
    inner["From"], inner["Subject"] = "c@lights.example", plant("subject of an attached message", "message", ".+")
    inner.set_content(plant("text of an attached message", "message", ".+"))
    deep = EmailMessage(policy=SMTP)
    deep["From"], deep["Subject"] = "d@lights.example", "deep"
    deep.set_content("see attached")
    deep.add_attachment(plant("attachment in a message in a message", inside="last").encode(), maintype="application", subtype="octet-stream", filename="last.bin.txt")
    inner.add_attachment(deep)
    message.add_attachment(inner)
    raw = message.as_bytes()
    first = raw.index(b"--==")
    return raw[:first] + plant("text before the first part").encode() + b"\r\n" + raw[first:] + plant("text behind the last part").encode() + b"\r\n"


def mbox(plant):
    letters = []
    for at in ("first", "second"):
        message = EmailMessage()
        message["From"], message["Subject"] = "a@lights.example", plant(f"subject of the {at} message", inside=".+")
        message.set_content(plant(f"text of the {at} message", "message", ".+"))
        message.add_attachment(plant(f"attachment of the {at} message", inside="note").encode(), maintype="text", subtype="plain", filename="note.txt")
        letters.append(b"From a@lights.example Mon Jan  5 08:00:00 2026\n" + message.as_bytes() + b"\n")
    return b"".join(letters)


def mhtml(plant):
    message = EmailMessage(policy=SMTP)
    message["From"], message["Subject"], message["MIME-Version"] = "<Saved by Blink>", plant("subject"), "1.0"
    message.set_content(f"<html><body><p>{plant('page')}</p></body></html>", subtype="html")
    message.add_related(drawn.picture(plant.inner(".+"), "picture"), "image", "png", headers=["Content-Location: https://lights.example/p.png"])
    return message.as_bytes()


def ics(plant):
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:{plant('summary')}\r\nLOCATION:{plant('place')}\r\nDESCRIPTION:{plant('description')}\r\nATTENDEE;CN=\"{plant.code('attendee')}\":mailto:a@lights.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()


def vcf(plant):
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{plant('name')}\r\nNOTE:{plant('note')}\r\nORG:{plant('company')}\r\nEND:VCARD\r\n".encode()


def data_page(plant):
    """A page whose picture and whose text lie in its addresses."""
    import base64
    data = base64.b64encode(drawn.picture(plant.inner(".+"), "picture in an address")).decode()
    return (f'<html><head><title>{plant("title")}</title><meta name="description" content="{plant("description")}"></head><body><p>{plant("paragraph")}</p><!-- {plant("comment")} -->'
            f'<img alt="{plant("alternative text")}" src="data:image/png;base64,{data}"><input type="hidden" value="{plant("hidden field")}"><a title="{plant("tip of a link")}" href="x">x</a>'
            f'<p style="display:none">{plant("hidden paragraph")}</p><iframe srcdoc="&lt;p&gt;{plant("frame within the page", inside="srcdoc")}&lt;/p&gt;"></iframe><script type="application/json">{{"note": "\n{plant("data of a script")}"}}</script>'
            f'<iframe src="data:text/html,{quote(plant("frame in an address", inside="data"))}"></iframe><!--[if mso]><table><tr><td>{plant("conditional comment", "comments")}</td></tr></table><![endif]-->'
            f'<style>p::before {{ content: "{plant("text of a style", "styles")}" }}</style><script>document.write("<p>{plant("string of a script", "strings")}</p>")</script><select><option label="{plant("label of a choice")}">a</option></select><noscript>{plant("shown without scripts")}</noscript><template>{plant("template")}</template></body></html>').encode()
