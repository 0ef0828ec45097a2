"""Documents inside documents: a mail with an attachment, an archive."""

import io
import zipfile
from email.message import EmailMessage
from email.policy import SMTP


def mail(subject, text, attachments):
    """A message with attachments (name, type, bytes), the same bytes each time."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Keeper Ada Holm <ada.holm@lights.example>"
    message["To"] = "Office <office@lights.example>"
    message["Date"] = "Tue, 03 Jun 2025 09:14:00 +0000"
    message["Subject"] = subject
    message["Message-ID"] = "<20250603.0914@lights.example>"
    message.set_content(text)
    for name, kind, content in attachments:
        main, sub = kind.split("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    message.set_boundary("=====lights=====")
    return message.as_bytes()


def archive(members):
    """A ZIP of members (name, bytes), the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members:
            packed.writestr(zipfile.ZipInfo(name, (2025, 6, 3, 9, 14, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
