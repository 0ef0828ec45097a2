"""The English documents. Every state, department, firm, person, project and number is invented: there is no Norlandia,
no Department of Tidal Affairs, no Ministry of Lighthouses and no Lantern & Reed Instruments."""

from reportlab.lib.colors import HexColor
from reportlab.lib.pdfencrypt import StandardEncryption

from .chinese import body, mark_block, title
from .layout import BLACK, GREY, HEIGHT, RED, WIDTH, Sheet, mm
from .scan import Look, joined, rendered, scan_of, scanned, tiff_of, typed_over_scan

MARGINS = (25, 25, 28, 28)


def bannered(name, mark, colour=BLACK, face="sans-bold", size=13):
    """A sheet with the mark at top and bottom centre of every page."""
    def stamp(sheet):
        for y in (HEIGHT - 14 * mm, 11 * mm):
            sheet.text(WIDTH / 2, y, mark, face, size, "centre", colour=colour)
        sheet.text(WIDTH - 25 * mm, 19 * mm, str(sheet.number), "serif", 10, "right")
    return Sheet(name, MARGINS, on_page=stamp)


def prose(sheet, paragraphs, size=11.5, face="serif", after=7):
    """Paragraphs; those that begin with `#` are headings."""
    for text in paragraphs:
        if text.startswith("#"):
            sheet.flow(text[1:], "sans-bold", size + 1, leading=1.6, after=2, keep=2)
        else:
            sheet.flow(text, face, size, leading=1.4, after=after)


def heading(sheet, text, size=20, after=12):
    """A heading at the left."""
    sheet.flow(text, "sans-bold", size, leading=1.3, after=after)


def assessment_typed():
    """SECRET//NOFORN, portion marks, authority block; two pages."""
    sheet = bannered("Harbour Fog Assessment", "SECRET//NOFORN", RED)
    sheet.flow("Department of Tidal Affairs", "serif", 12, align="centre")
    sheet.flow("Office of Fog Signals, Port Ellery", "serif", 12, align="centre", after=18)
    heading(sheet, "(U) Harbour Fog Assessment: Project PAPER LANTERN")
    prose(sheet, [
        "#(U) Scope",
        "(U) This assessment describes how the four lights of Wanderer's Bay behaved in dense fog between January and March, "
        "and what that means for the third phase of Project PAPER LANTERN.",
        "#(S//NF) Findings",
        "(S//NF) The rotating sequence of light characters could be followed by a trained crew at 2.9 nautical miles in "
        "visibility below 500 metres. An untrained crew lost the sequence after the second change.",
        "(S//NF) Tone set B carried a third farther than tone set A whenever the wind was north of east. Set B has not been "
        "heard by anyone outside the programme.",
        "(C) The backup supply at Northisle failed twice; both times the changeover took more than ten minutes.",
        "#(U) Weather",
        "(U) Fog was recorded on 31 of 90 days, more than in any winter since the station log begins.",
        "#(S//NF) Outlook",
        "(S//NF) If the third phase succeeds in June, all four lights can be switched to the rotating sequence within one "
        "night. The keepers need four further weeks of practice.",
        "(U) The next assessment is due in October."])
    sheet.y -= 20
    for line in ("Classified By: A. Quill, Office of Fog Signals", "Derived From: DTA SCG 24-01", "Reason: 1.4(g)",
                 "Declassify On: 20500301"):
        sheet.line(line, "serif", 10.5, leading=1.35)
    sheet.new_page()
    heading(sheet, "(S//NF) Annex A: Switching Times", 15)
    rows = [("Light", "Sequence", "Switched in (s)", "Heard at (nm)")]
    rows += [(name, seq, str(40 + i * 7), f"{2.1 + i * 0.2:.1f}") for i, (name, seq) in enumerate(
        [("Northisle", "A-1"), ("Northisle", "B-1"), ("Stagcall", "A-3"), ("Stagcall", "B-2"), ("Longdyke", "A-2")])]
    sheet.table(rows, (3, 2, 2, 2), "serif", 11, "serif-bold")
    return sheet.done()


def footer_over_scan():
    """A full-page scan of a SECRET//NOFORN memorandum; a document system typed its footer over it."""
    sheet = bannered("Memorandum", "SECRET//NOFORN", RED, size=14)
    sheet.flow("MEMORANDUM FOR THE CHIEF KEEPER", "serif-bold", 13, after=10)
    sheet.flow("SUBJECT: Movement of the spare lenses", "serif", 12.5, after=14)
    prose(sheet, [
        "1. The two spare lenses will leave the depot at Port Ellery on the night of 14 June and reach Stagcall before dawn. "
        "The lorry will carry the sign of a fishmonger.",
        "2. The route avoids the toll bridge. Drivers change at the old customs house, where the second crew waits.",
        "3. At Stagcall only the station master and one keeper may open the crates. They compare the numbers with the list "
        "that travels separately.",
        "4. Should the crates be delayed by more than six hours, the third phase moves by one week."], size=13)
    sheet.y -= 16
    for line in ("Classified By: A. Quill", "Derived From: DTA SCG 24-01", "Declassify On: 20500301"):
        sheet.line(line, "serif", 11.5, leading=1.35)
    footer = Sheet("Footer")
    footer.text(25 * mm, 6 * mm, "Waterways document store   |   received 17 June 2025   |   page 1 of 1", "sans", 8,
                colour=GREY)
    return typed_over_scan(footer.done(), sheet.done(), Look(seed=61, angle=1.6, noise=5), "Incoming mail 2025-0617")


def cui_typed():
    """CUI banner and designation block."""
    sheet = bannered("Relief roster", "CUI//SP-PRVCY")
    heading(sheet, "Relief Roster and Home Addresses of Keepers")
    prose(sheet, [
        "This roster lists the keepers who may be called at short notice when a light station must be relieved, with the "
        "addresses at which they can be reached at night. It is kept by the duty officer and replaced each quarter.",
        "1. Elsa Brightwater, 4 Herring Row, Port Ellery. Holds certificates for lamps and fog signals.",
        "2. Tobias Lanternjaw, 17 Ropewalk, Stagcall. Holds certificates for lamps. Not available on Fridays.",
        "3. Mirabel Underquay, Customs Cottage, Longdyke. Holds certificates for buoys, chains and small craft.",
        "Keepers are called in this order. A keeper who has been relieved rests for at least twelve hours before the next "
        "call, and the duty officer notes the hours in the log."])
    sheet.y -= 120
    for line in ("Controlled by: Department of Tidal Affairs", "Controlled by: Office of Light Stations",
                 "CUI Category: PRVCY", "Distribution/Dissemination Control: FEDCON", "POC: A. Quill, 555-0142"):
        sheet.text(WIDTH / 2 + 10 * mm, sheet.y, line, "serif", 10.5)
        sheet.y -= 14
    return sheet.done()


def cui_scan():
    """The same page out of the copier, well askew."""
    return scan_of(cui_typed(), [Look(seed=62, angle=-4.6, noise=6)], "Relief roster")


def official_sensitive():
    """UK style: OFFICIAL-SENSITIVE top and bottom centre."""
    sheet = bannered("Tender advice", "OFFICIAL-SENSITIVE COMMERCIAL")
    sheet.flow("Ministry of Lighthouses", "sans-bold", 14)
    sheet.flow("Commercial Directorate, 3 Harbour Walk, Saltmere", "sans", 10, after=16)
    heading(sheet, "Advice on the buoy tender", 18)
    prose(sheet, [
        "Three bids were received for the renewal of forty-four buoys. The lowest bid is eleven per cent below our estimate "
        "and would leave the contractor without a margin on the chains.",
        "We advise the Minister to ask all three bidders for a fixed price on chains before the award, and to say nothing "
        "about the ranking until the standstill period has ended.",
        "The estimate, the ranking and the reserve price are set out in the table."])
    sheet.table([("Bidder", "Price (thousand)", "Rank"), ("Gull & Sons", "1,412", "2"), ("Harbourworks", "1,377", "1"),
                 ("Saltmere Chains", "1,590", "3")], (3, 2, 1), "sans", 11, "sans-bold")
    return sheet.done()


def owner_locked():
    """OFFICIAL-SENSITIVE with an owner password only: opens without a password, may not be printed."""
    key = StandardEncryption("", ownerPassword="keeper", canPrint=0, canModify=0, canCopy=0, strength=128)

    def stamp(sheet):
        for y in (HEIGHT - 14 * mm, 11 * mm):
            sheet.text(WIDTH / 2, y, "OFFICIAL-SENSITIVE", "sans-bold", 13, "centre")
    sheet = Sheet("Pay settlement", MARGINS, on_page=stamp, encrypt=key)
    heading(sheet, "Pay settlement for light keepers: negotiating position")
    prose(sheet, ["The unions ask for six per cent and a boot allowance. We open at three per cent, and may go to four and a "
                  "half if night duty is rostered a month ahead.",
                  "The boot allowance costs little and should be conceded last, in return for the new shift pattern at "
                  "Stagcall."])
    return sheet.done()


def tlp_amber():
    """TLP:AMBER in header and footer at the right, amber on black; two pages."""
    return traffic_light("TLP:AMBER", "#FFC000", "Incident report: buoy telemetry", [
        "#Summary", "On 3 June an outsider changed the reported position of buoy 17 for nine minutes. No vessel was misled. "
        "The telemetry gateway accepted a password that had been printed on a sticker.",
        "#Timeline", "02:14 first false position. 02:19 duty officer compares radar and telemetry. 02:23 gateway taken off "
        "the network. 02:41 true positions confirmed by launch.",
        "#What to look for", "Connections to port 4777 from outside the harbour network; positions that move by more than a "
        "cable within one report; a gateway clock that differs from the mast clock.",
        "#Measures", "New passwords, no stickers, and a filter between mast and gateway. All stations report by Friday."],
        more="#Annex: affected stations")


def tlp_clear():
    """TLP:CLEAR: a marking that says the opposite."""
    return traffic_light("TLP:CLEAR", "#FFFFFF", "Advisory: replace the clock batteries", [
        "#Summary", "Mast clocks of the 2016 series stop when their battery falls below 2.7 volts. The light then stays on "
        "during the day, which harms nothing but the lamp.",
        "#Remedy", "Replace the battery each spring. Use the type printed on the lid, and note the date inside."])


def traffic_light(mark, colour, subject, paragraphs, more=None):
    """A report with a TLP mark, right-justified in header and footer."""
    def stamp(sheet):
        for y in (HEIGHT - 15 * mm, 11 * mm):
            sheet.canvas.setFillColor(BLACK)
            sheet.canvas.rect(WIDTH - 25 * mm - 112, y - 5, 112, 19, stroke=0, fill=1)
            sheet.text(WIDTH - 25 * mm - 6, y, mark, "sans-bold", 13, "right", colour=HexColor(colour))
    sheet = Sheet(subject, MARGINS, on_page=stamp)
    heading(sheet, subject)
    prose(sheet, paragraphs)
    if more:
        sheet.new_page()
        prose(sheet, [more])
        sheet.table([("Station", "Gateway", "State")] + [(name, f"gw-{i:02}", "password changed") for i, name in enumerate(
            ("Northisle", "Stagcall", "Longdyke", "Homeward"), start=1)], (2, 1, 2), "sans", 11, "sans-bold")
    return sheet.done()


def company_memo():
    """A firm's memorandum with its marking in the footer of both pages."""
    def foot(sheet):
        sheet.text(25 * mm, HEIGHT - 15 * mm, "Lantern & Reed Instruments", "sans", 9, colour=GREY)
        sheet.text(WIDTH / 2, 12 * mm, "COMPANY CONFIDENTIAL", "sans-bold", 9, "centre", colour=GREY)
        sheet.text(WIDTH - 25 * mm, 12 * mm, f"{sheet.number} / 2", "sans", 9, "right", colour=GREY)
    sheet = Sheet("Board memorandum", MARGINS, on_page=foot)
    heading(sheet, "Memorandum to the board: the glass works")
    prose(sheet, ["We propose to buy the glass works at Stagcall for 2.4 million crowns, half of it in shares. The works makes "
                  "the only prism glass in Norlandia that passes the salt test.",
                  "The owner, Mr Underquay, wishes to retire and has received one other offer. He has given us until the end "
                  "of July. The bank will lend 900,000 crowns at four per cent.",
                  "#Risks", "The furnace is due for relining in two years. Two of the eleven glass blowers are of pension age.",
                  "#Decision asked for", "To authorise the chairman to sign a letter of intent."])
    sheet.new_page()
    heading(sheet, "Figures", 15)
    sheet.table([("Year", "Turnover", "Profit"), ("2022", "1,104,000", "88,000"), ("2023", "1,178,000", "91,500"),
                 ("2024", "1,240,000", "104,200")], (1, 2, 2), "sans", 11, "sans-bold")
    return sheet.done()


def nda():
    """A non-disclosure agreement: speaks of nothing but confidentiality, carries no marking."""
    sheet = Sheet("Mutual non-disclosure agreement", MARGINS, on_page=lambda page: page.text(
        WIDTH / 2, 14 * mm, f"Page {page.number}", "serif", 10, "centre"))
    sheet.flow("Mutual Non-Disclosure Agreement", "serif-bold", 18, align="centre", after=16)
    prose(sheet, [
        "This Agreement is made on 2 May 2025 between Lantern & Reed Instruments, of 9 Prism Street, Stagcall, and Gull & Sons, "
        "of the Old Slipway, Saltmere (each a Party).",
        "1. Purpose. The Parties wish to discuss the joint manufacture of buoy lamps and may disclose to each other information "
        "that they regard as confidential or as a trade secret.",
        "2. Definition. Confidential Information means any information disclosed by one Party (the Disclosing Party) to the "
        "other (the Receiving Party), whether orally, in writing or by inspection, that is designated as confidential or that "
        "ought reasonably to be considered confidential.",
        "3. Obligations. The Receiving Party shall keep the Confidential Information strictly confidential, shall not use it "
        "for any purpose other than the Purpose, and shall disclose it only to employees who need to know it and are bound by "
        "obligations of confidentiality no less strict.",
        "4. Exceptions. Clause 3 does not apply to information that is or becomes public without breach of this Agreement, that "
        "the Receiving Party knew before, or that a court orders to be disclosed.",
        "5. Marking. Written information should be marked by the Disclosing Party as confidential or secret; failure to do so "
        "does not by itself release the Receiving Party.",
        "6. Term. The obligations of this Agreement last for three years from its date.",
        "7. Return. On request the Receiving Party shall return or destroy all Confidential Information within thirty days.",
        "8. Law. This Agreement is governed by the law of Norlandia. The courts of Saltmere have jurisdiction.",
        "Signed for Lantern & Reed Instruments: ______________________",
        "Signed for Gull & Sons: ______________________"])
    return sheet.done()


def newsletter():
    """Harmless: two columns."""
    sheet = Sheet("The Keeper's Quarterly", (20, 20, 22, 20), columns=2)
    both, sheet.columns = sheet.columns, [(sheet.columns[0][0], WIDTH - 40 * mm)]
    sheet.line("The Keeper's Quarterly", "serif-bold", 30, "centre")
    sheet.line("Spring 2025   |   Waterways Office, Port Ellery   |   free of charge", "serif", 10.5, "centre")
    sheet.rule(before=8, after=6)
    sheet.columns, sheet.below_head, sheet.bottom = both, sheet.y, 122 * mm
    prose(sheet, [
        "#A new coat for Stagcall", "After eleven years the tower at Stagcall has been painted. The keepers chose white with two "
        "red bands, as it was in their grandparents' time. Forty-two tins were needed, three fewer than ordered. The spare tins "
        "have gone to the rowing club.",
        "#The best-kept secret of Longdyke", "Few visitors know the garden behind the Longdyke light. Keeper Mirabel Underquay "
        "grows sea kale, lovage and one stubborn fig. Her recipe for kale soup is no secret: onions, kale, a potato, and an hour.",
        "#Open day", "On 8 June all four stations open their doors from nine to four. There are 136 steps at Stagcall, so wear "
        "sensible shoes. Children must hold a hand on the gallery.",
        "#Fog in numbers", "The winter brought 31 days of fog. The horn at Northisle sounded for 412 hours, the longest season "
        "since the log begins in 1954. Nobody has complained, except a donkey.",
        "#Letters", "Mr Lanternjaw of Ropewalk asks why the light at Homeward blinks thrice. Because the one at Longdyke blinks "
        "twice, and a sailor must tell them apart.",
        "#From the secretary", "The secretary thanks all members for paying their dues on time. The annual meeting will elect a "
        "treasurer by secret ballot; candidates write to the office before the end of May.",
        "#Next issue", "Why gulls sleep on one leg, and what the new buoys are made of."], size=12)
    return sheet.done()


HANDBOOK = [
    ("Lamps", "lamp", "the lens housing", "the spare bulb box"), ("Lenses", "lens", "the gallery", "the cleaning kit"),
    ("Fog signals", "horn", "the compressor room", "the valve spares"), ("Batteries", "battery", "the cellar", "the acid kit"),
    ("Buoys", "buoy", "the launch", "the shackle box"), ("Chains", "chain", "the slipway", "the gauge"),
    ("Radios", "radio", "the watch room", "the fuse tin"), ("Stairs and rails", "rail", "the tower", "the bolt tray"),
    ("Clocks", "clock", "the mast", "the battery drawer"), ("Paint", "paint", "the store", "the brush rack"),
    ("Visitors", "visitor book", "the porch", "the first-aid box"), ("The log", "log", "the desk", "the ink drawer")]


def handbook():
    """Harmless: twelve pages, more than one slice of work."""
    sheet = Sheet("Keeper's handbook", MARGINS, on_page=lambda page: page.text(
        WIDTH / 2, 14 * mm, f"Keeper's handbook, page {page.number}", "serif", 10, "centre"))
    for number, (chapter, thing, place, spare) in enumerate(HANDBOOK, start=1):
        if number > 1:
            sheet.new_page()
        heading(sheet, f"{number}. {chapter}")
        prose(sheet, [
            f"{number}.1 Look at the {thing} at the start of each watch. Look again after heavy weather, and whenever a vessel "
            f"reports something unusual. Write the time and what you saw into the log, even if all was well.",
            f"{number}.2 Work on the {thing} only with a second keeper in {place}. Switch off what can be switched off, hang the "
            f"red tag on the switch, and tell the watch room before you begin.",
            f"{number}.3 Parts are in {spare}. Replace what you take by the end of the month; the list hangs inside the lid.",
            f"{number}.4 If the {thing} fails and cannot be mended within {number * 5} minutes, call the duty officer. Do not "
            f"wait for the end of the watch.",
            f"{number}.5 Once a year the {thing} is inspected by someone from another station. Show them everything."])
    return sheet.done()


def cover_with_strips():
    """Two typed pages, then a scan stored in strips: CONFIDENTIAL//NOFORN on page 3."""
    typed = Sheet("Transmittal", MARGINS)
    heading(typed, "Transmittal letter")
    prose(typed, ["Dear Ms Brightwater,", "Please find enclosed the minutes of the lamp committee and the paper that was "
                  "distributed at the meeting. The minutes are on the next page, the paper follows.",
                  "Yours sincerely,", "Tobias Lanternjaw"])
    typed.new_page()
    heading(typed, "Minutes of the lamp committee, 21 May 2025", 16)
    prose(typed, ["Present: E. Brightwater, T. Lanternjaw, M. Underquay.", "1. The minutes of the last meeting were agreed.",
                  "2. The committee took note of a paper on tone sets and returned its copies.",
                  "3. The annual outing goes to Longdyke. Sandwiches will be provided."])
    sheet = bannered("Tone sets", "CONFIDENTIAL//NOFORN", size=14)
    heading(sheet, "Tone sets for the fog horns")
    prose(sheet, ["Tone set A consists of 275, 310 and 350 hertz. Tone set B consists of 240, 265 and 330 hertz and is played "
                  "only when the general plan is in force.",
                  "Keepers learn both sets by ear. Nothing is written down at the stations.",
                  "Set B was tried in February at Northisle and could be told from set A at four nautical miles."], size=13)
    annex = scan_of(sheet.done(), [Look(seed=63, dpi=200, angle=-0.8, noise=4, g4=True, strips=6)], "Tone sets")
    return joined([typed.done(), annex], "Transmittal letter")


def invoice_scan():
    """Harmless: an invoice, scanned askew."""
    sheet = Sheet("Invoice", MARGINS)
    sheet.line("Harbourworks", "sans-bold", 22)
    sheet.line("12 Slipway Lane, Saltmere", "sans", 11)
    sheet.y -= 20
    heading(sheet, "Invoice 2025-118", 18)
    prose(sheet, ["To: Waterways Office, Port Ellery", "Date: 9 May 2025"], size=12)
    sheet.table([("Item", "Quantity", "Price", "Amount"), ("Shackles, galvanised", "40", "3.20", "128.00"),
                 ("Buoy chain, metres", "120", "11.50", "1,380.00"), ("Delivery by launch", "1", "75.00", "75.00"),
                 ("Total", "", "", "1,583.00")], (4, 2, 2, 2), "sans", 12, "sans-bold")
    sheet.y -= 14
    prose(sheet, ["Payable within thirty days. Thank you for your order."], size=12)
    return scan_of(sheet.done(), [Look(seed=64, angle=2.6, noise=6)], "Invoice")


def agenda():
    """Harmless, and cut off in the middle later."""
    sheet = Sheet("Agenda", MARGINS)
    heading(sheet, "Agenda for the station masters' meeting")
    prose(sheet, [f"{i}. {text}" for i, text in enumerate(
        ["Minutes of the last meeting", "Lightning conductors", "Dehumidifiers for Longdyke", "Open day", "Any other business"],
        start=1)])
    return sheet.done()


def log_frames():
    """Five pages of a station log for the TIFF; the third is a marked sheet that was filed in between."""
    pages = []
    for day in (3, 4, None, 5, 6):
        sheet = Sheet("Log", MARGINS)
        if day is None:
            mark_block(sheet, "000015", "机密★5年")
            title(sheet, "北屿站编码轮换记录", 22)
            body(sheet, ["六月四日二十二时起执行甲二编码，次日二时改为甲三编码，四时恢复常用灯质。",
                         "轮换两次，均一次成功，误差分别为零点八秒和一点一秒。带班：高远帆。"], size=16)
        else:
            heading(sheet, f"Station log, Northisle, {day} June 2025")
            prose(sheet, [f"{hour:02}00  Wind north-east {1 + (hour + day) % 5}, visibility {2 + (hour * day) % 7} miles. {note}"
                          for hour, note in zip(range(0, 24, 3), [
                              "Light burning well.", "Compressor run for ten minutes.", "Light off at sunrise.",
                              "Launch alongside with post.", "Two visitors, signed the book.", "Paint delivered.",
                              "Light on at sunset.", "Horn tested, three blasts."])], size=14, after=10)
        pages.append(sheet.done())
    return pages


def log_tiff():
    """CCITT G4 and LZW frames in turn; the LZW ones have 16 shades, as an old scanner's."""
    frames = []
    for number, page in enumerate(log_frames()):
        bitonal = number % 2 == 0
        look = Look(seed=70 + number, angle=(0.9, -1.2, 1.1, 0.5, -0.6)[number], noise=3 if bitonal else 0, g4=bitonal)
        picture = scanned(rendered(page, 1, look.dpi), look)
        shades = picture if bitonal else picture.point(lambda value: min(255, value // 16 * 17))
        frames.append((shades, "group4" if bitonal else "tiff_lzw"))
    return tiff_of(frames)
