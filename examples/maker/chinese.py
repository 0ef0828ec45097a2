"""The Chinese documents. All offices, people, places, projects and numbers are invented: there is no Yunlan (云岚市),
and nobody runs a project Paper Lantern (纸灯笼工程)."""

import pikepdf
from PIL import Image

from .layout import BLACK, GREY, HEIGHT, RED, Aes256, Sheet, mm
from .outline import draw_outlined
from .scan import Look, add_scan, joined, rendered, saved, scan_of, scanned

OFFICE = "云岚市灯塔与航道管理局"


def mark_block(sheet, copy_number, mark, urgency=None):
    """份号, 密级★期限 and 紧急程度: top left of the type area, one a line, 3号黑体 (GB/T 9704-2012)."""
    for text, face in ((copy_number, "song"), (mark, "hei"), (urgency, "hei")):
        if text:
            sheet.line(text, face, 16, leading=1.35, bold=face == "hei")


def body(sheet, paragraphs, size=15, face="song"):
    """Paragraphs with two ems of indent; those that begin with `#` are headings."""
    for text in paragraphs:
        if text.startswith("#"):
            sheet.flow(text[1:], "hei", size, leading=1.75, indent=2, keep=2)
        else:
            sheet.flow(text, face, size, leading=1.75, indent=2)


def title(sheet, text, size=21, face="hei", after=14):
    """A centred title."""
    sheet.y -= 8
    sheet.flow(text, face, size, leading=1.5, align="centre", bold=True, after=after)


def signed(sheet, who, date, size=15):
    """The issuing office and the date, at the right."""
    sheet.y -= 18
    sheet.line(who, "song", size, "right", leading=1.8)
    sheet.line(date, "song", size, "right", leading=1.8)


def red_head(name, copy_number, mark, urgency, number, heading, to, paragraphs, date, copies_to):
    """A 公文 with a red head: marks, name of the issuing office, document number, red rule, body, imprint."""
    sheet = Sheet(heading, on_page=lambda page: page.text(page.columns[0][0] + page.columns[0][1], 24 * mm,
                                                          f"— {page.number} —", "song", 14, "right"))
    mark_block(sheet, copy_number, mark, urgency)
    sheet.y = HEIGHT - 88 * mm
    sheet.line(name, "song", 32, "centre", leading=1.0, colour=RED, bold=True)
    sheet.y -= 14
    sheet.line(number, "kai", 16, "centre")
    sheet.rule(RED, 1.6, before=10, after=14)
    title(sheet, heading, 20)
    sheet.line(to, "song", 15, leading=1.75)
    body(sheet, paragraphs)
    signed(sheet, OFFICE, date)
    sheet.y -= 20
    sheet.rule(before=4, after=0)
    sheet.line(f" 抄送：{copies_to}", "song", 13)
    sheet.rule(before=5, after=0)
    sheet.line(f" {OFFICE}办公室　　　　　　　　{date}印发", "song", 13)
    sheet.rule(before=5, after=0, thickness=1.0)
    return sheet.done()


def exercise_notice():
    """Typed 公文, 机密★10年."""
    return red_head(
        f"{OFFICE}文件", "000012", "机密★10年", "特急", "云灯发〔2025〕7号",
        "关于组织纸灯笼工程第三阶段夜间联调的通知", "北屿、鹿鸣、长堤各灯塔站：",
        ["纸灯笼工程第二阶段已于五月下旬结束。为检验新型雾号与灯质编码在能见度低于五百米时的配合情况，决定于六月中旬"
         "组织第三阶段夜间联调。现将有关事项通知如下。",
         "#一、时间和范围", "联调自六月十一日二十二时开始，至六月十四日四时结束。北屿站为主站，鹿鸣站、长堤站为从站，"
         "各站按附表所列编码轮换灯质，每两小时一次。",
         "#二、人员", "主站带班负责人为高远帆，从站带班负责人为柳一舟、石望潮。参加人员名单由各站于六月五日前报局航标科。",
         "#三、保障", "联调期间各站备用电源应保持满载，雾号气压不得低于七个大气压。发现异常立即改用常用灯质，并报告主站。",
         "联调数据由主站汇总，六月二十日前送局航标科归档。"],
        "2025年5月28日", "市航务调度中心")


def frequency_plan_typed():
    """What becomes the scanned 公文, 秘密★5年."""
    return red_head(
        f"{OFFICE}文件", "000037", "秘密★5年", "加急", "云灯发〔2025〕11号",
        "关于调整北屿水道导航频率的通知", "各灯塔站、航标船队：",
        ["因北屿水道新建栈桥对现有信号产生遮挡，经研究，决定对该水道导航频率作如下调整。",
         "#一、调整内容", "主用频率由第十四信道改为第二十一信道，备用频率由第十七信道改为第九信道。发射功率不变。",
         "#二、实施时间", "自2025年7月1日零时起实行。各站应于当日零时三十分前完成切换，并向航标科报告切换结果。",
         "#三、有关要求", "各航标船出航前应核对接收机信道。本次调整不对外发布航行通告。"],
        "2025年6月9日", "市航务调度中心")


def frequency_plan():
    """The 公文 as an image-only PDF in colour, slightly turned."""
    looks = [Look(seed=41 + i, angle=angle, colour=True, noise=3.5, quality=42) for i, angle in ((0, 1.3), (7, 1.0))]
    return scan_of(frequency_plan_typed(), looks, "关于调整北屿水道导航频率的通知")


def optics_annex_typed():
    """The annex behind the cover letter: two pages, 机密★10年 on its first."""
    sheet = Sheet("附件")
    mark_block(sheet, "000004", "机密★10年")
    sheet.y -= 26
    title(sheet, "纸灯笼工程光源参数汇总表", 22)
    sheet.line("编制单位：云岚市灯塔与航道管理局航标科", "song", 13, "centre")
    sheet.y -= 12
    rows = [("站名", "灯质编码", "光强（坎）", "射程（海里）", "雾号音频")]
    rows += [(f"{name}{number}号", f"甲{number}–{code}", str(4200 + 310 * number), str(11 + number), f"{code}5赫")
             for name, number, code in (("北屿", 1, 27), ("北屿", 2, 31), ("鹿鸣", 1, 36), ("鹿鸣", 3, 19),
                                        ("长堤", 2, 44), ("长堤", 4, 28), ("望归", 1, 33), ("望归", 2, 25))]
    sheet.table(rows, (20, 18, 20, 22, 18), "song", 13, "hei")
    sheet.y -= 16
    body(sheet, ["上表光强为额定值的百分之九十。编码轮换顺序见下页，轮换表应当与本表分开存放，不得同时携出。",
                 "各站更换光源后应在三日内重新测定，并由站长高远帆签字确认。"])
    sheet.new_page()
    title(sheet, "编码轮换顺序", 20)
    body(sheet, ["第一周：北屿用甲一，鹿鸣用甲三，长堤用甲二，望归不用。",
                 "第二周：北屿用甲二，鹿鸣用甲一，长堤不用，望归用甲三。",
                 "第三周：北屿不用，鹿鸣用甲二，长堤用甲三，望归用甲一。",
                 "第四周：四站均用常用灯质，检修轮换机构。",
                 "轮换时刻以主站授时为准，误差不得超过二秒。轮换失败的，立即恢复常用灯质，并在值班日志中记明原因。"])
    return sheet.done()


def cover_with_annex():
    """The point of it all: page 1 typed and harmless, pages 2 and 3 a scanned annex with 机密★10年."""
    sheet = Sheet("关于报送灯塔光源材料的函")
    title(sheet, "关于报送灯塔光源材料的函", 22)
    sheet.line("市航务调度中心：", "song", 15, leading=1.75)
    body(sheet, ["贵中心《关于收集航标基础材料的函》收悉。现将我局所属四座灯塔的光源材料报上，共一份二页，附后。",
                 "材料如有不明之处，请与航标科柳一舟联系，电话见通讯录。", "此函。"])
    signed(sheet, OFFICE, "2025年6月16日")
    sheet.y -= 24
    sheet.line("附件：光源材料（二页）", "song", 14)
    annex = scan_of(optics_annex_typed(), [Look(seed=42, angle=-1.8, noise=5), Look(seed=43, angle=-1.1, noise=5)],
                    "附件")
    return joined([sheet.done(), annex], "关于报送灯塔光源材料的函")


def top_secret_typed():
    """绝密★长期, one page."""
    sheet = Sheet("纸灯笼工程总体方案")
    mark_block(sheet, "000001", "绝密★长期")
    sheet.y -= 60
    title(sheet, "纸灯笼工程总体方案", 26, after=30)
    body(sheet, ["纸灯笼工程以四座灯塔为节点，在浓雾条件下引导船队进出望归湾。本方案规定节点布局、编码体系和启用条件。",
                 "节点布局以北屿灯塔为中心，其余三座相距不超过九海里。任何一座停用时，另外三座应在十分钟内接替。",
                 "编码体系分甲、乙两套。甲套平时使用，乙套仅在总体方案规定的条件出现时启用，启用须由局长和总工程师共同下令。",
                 "本方案由局机要室保管，查阅须登记。"], size=16)
    signed(sheet, OFFICE, "2025年2月17日")
    return sheet.done()


def top_secret_scan():
    """The same as a bitonal scan at 200 dpi."""
    return scan_of(top_secret_typed(), [Look(seed=44, dpi=200, angle=0.7, noise=4, g4=True)], "总体方案")


def exam_typed():
    """An examination paper of a year gone by: 绝密★启用前 over 考试 and 试卷."""
    sheet = Sheet("2024年灯塔管理员资格考试试卷", margins=(25, 25, 25, 25))
    sheet.line("绝密★启用前", "hei", 15, bold=True)
    sheet.y -= 10
    title(sheet, "2024年云岚市灯塔管理员资格考试", 20, after=4)
    title(sheet, "航标基础知识试卷", 18)
    sheet.line("考试时间：2024年5月18日9:00—11:00　　满分：100分", "song", 13, "centre")
    sheet.line("姓名：＿＿＿＿＿＿　　准考证号：＿＿＿＿＿＿＿＿", "song", 13, "centre")
    sheet.y -= 8
    sheet.flow("考生须知：答题前请在答题卡上填写姓名和准考证号。在试卷上作答无效。", "kai", 13, leading=1.7)
    sheet.line("一、选择题（每小题4分，共40分）", "hei", 14, leading=2)
    questions = [("灯塔灯光的射程主要取决于", "光强和能见度", "塔身颜色", "管理员人数", "潮汐"),
                 ("雾号的作用是", "照明", "在能见度不良时发出声响", "测量风速", "驱赶海鸟"),
                 ("“闪三白十五秒”表示", "三盏白灯", "十五秒内闪三次白光", "三秒闪一次", "白光三分钟"),
                 ("浮标移位后首先应当", "等待大潮", "报告并发出通告", "自行离开", "更换油漆"),
                 ("备用电源至少应能供电", "一小时", "二小时", "二十四小时", "一个月")]
    for number, (question, *choices) in enumerate(questions, start=1):
        sheet.flow(f"{number}．{question}（　　）", "song", 13, leading=1.7)
        sheet.line("　　".join(f"{letter}．{choice}" for letter, choice in zip("ABCD", choices)), "song", 12)
    sheet.line("二、简答题（每小题15分，共60分）", "hei", 14, leading=2)
    for number, text in enumerate(["简述灯塔日常巡检的主要项目。", "说明更换光源后的测定步骤。",
                                   "能见度突然下降时，值班人员应当做什么？", "试述浮标锚链检查的方法。"], start=6):
        sheet.flow(f"{number}．{text}", "song", 13, leading=2.2)
    return sheet.done()


def exam_scan():
    """The paper as it came back from the copier."""
    return scan_of(exam_typed(), [Look(seed=45, angle=-2.3, noise=6)], "试卷")


def work_secret():
    """工作秘密 at the top left of a typed notice."""
    sheet = Sheet("值班安排调整通知")
    sheet.line("工作秘密", "hei", 16, bold=True)
    sheet.y -= 24
    title(sheet, "关于调整夏季值班安排的通知", 22)
    sheet.line("局属各科室：", "song", 15, leading=1.75)
    body(sheet, ["根据夏季客流情况，现对值班安排作如下调整。工作日夜间由二人值班改为三人值班，周末由航标科、办公室轮流带班。",
                 "值班电话、带班人员手机号码及钥匙存放位置见附页，仅发值班人员。请各科室于六月三十日前确认名单。"])
    signed(sheet, f"{OFFICE}办公室", "2025年6月20日")
    return sheet.done()


def brochure():
    """内部资料 注意保存: an internal bulletin of two pages."""
    sheet = Sheet("灯塔简报第12期")
    sheet.line("内部资料　注意保存", "hei", 15, bold=True)
    sheet.y -= 30
    sheet.line("灯塔简报", "kai", 44, "centre", leading=1.1, colour=RED)
    sheet.y -= 10
    sheet.line("第12期", "song", 15, "centre")
    sheet.line(f"{OFFICE}办公室编　　2025年5月30日", "kai", 14, "centre")
    sheet.rule(RED, 1.2, before=10, after=12)
    body(sheet, ["#鹿鸣站完成塔身粉刷", "五月十二日至二十二日，鹿鸣站利用连续晴天完成塔身粉刷。此次粉刷使用耐盐雾涂料四十二桶，"
                 "比预算节约三桶。站长石望潮介绍，下一步将更换螺旋楼梯的防滑垫。",
                 "#航标船“拾贝”号修复归来", "“拾贝”号在船厂检修二十六天，更换了绞盘和舵机，五月二十七日恢复巡检。",
                 "#读者来信", "长堤站王小潮来信建议，在站区空地种植耐盐的苜蓿，为值班人员养的三只兔子提供饲料。编者认为可行，"
                 "请各站结合实际研究。",
                 "#下期预告", "下期将介绍望归站的老式雾号，并刊登摄影比赛获奖作品。欢迎来稿，稿件请送办公室柳一舟。"])
    return sheet.done()


def press_article():
    """A newspaper article about secrecy: names every level, carries none."""
    sheet = Sheet("小城的保密课", margins=(22, 22, 24, 22), columns=2)
    wide, sheet.columns = sheet.columns, [(sheet.columns[0][0], sheet.columns[1][0] + sheet.columns[1][1]
                                           - sheet.columns[0][0])]
    sheet.line("云岚晚报", "kai", 26)
    sheet.line("2025年4月16日　星期三　第5版　社会", "song", 11)
    sheet.rule(before=6, after=4)
    title(sheet, "一座海边小城的保密课", 26, after=6)
    sheet.line("本报记者 何汀", "kai", 13, "centre")
    sheet.y -= 10
    sheet.columns, sheet.below_head, sheet.bottom = wide, sheet.y, 112 * mm
    body(sheet, [
        "本报讯　“什么样的文件算国家秘密？”昨天上午，市图书馆报告厅里，宣讲员的第一个问题就让台下安静下来。",
        "据介绍，国家秘密的密级分为绝密、机密、秘密三级。绝密级国家秘密是最重要的国家秘密，泄露会使国家安全和利益遭受特别"
        "严重的损害；机密级次之，秘密级再次之。保密期限除另有规定外，绝密级不超过三十年，机密级不超过二十年，秘密级不超过"
        "十年。",
        "“很多人以为文件上印了‘机密’两个字才要保密，其实更要紧的是养成习惯。”宣讲员举例说，有的单位把标有秘密的文件拍照发到"
        "聊天群里，有的把涉及机密的材料存进网盘，等发现时已经传了出去。",
        "听众提问踊跃。一位退休教师问，考试试卷上为什么写着“绝密”？宣讲员答，国家统一考试的试题在启用之前确实属于国家秘密，"
        "考完就可以公开了，所以人们常在旧书摊上见到。全场大笑。",
        "中学生小林说，她以前觉得秘密都在电影里，今天才知道商业秘密、工作秘密和个人隐私也各有规矩。“最大的秘密，是没有秘密的人"
        "也要守规矩。”她在笔记本上写道。",
        "活动由市图书馆主办，下月将走进各灯塔站。报名电话见本报第八版。"], size=12)
    return sheet.done()


def law_extract():
    """An extract of regulations on secrecy: public, and full of levels."""
    sheet = Sheet("云岚市保守秘密工作规定（摘录）")
    title(sheet, "云岚市保守秘密工作规定（摘录）", 21, after=4)
    sheet.line("（2019年3月1日云岚市人民代表大会常务委员会通过）", "kai", 13, "centre")
    sheet.y -= 10
    body(sheet, [
        "#第一章　总则",
        "第一条　为了保守国家秘密，规范本市机关、单位的保密工作，根据《中华人民共和国保守国家秘密法》，制定本规定。",
        "第二条　国家秘密受法律保护。一切机关、单位和公民都有保守国家秘密的义务。",
        "#第二章　密级和期限",
        "第九条　国家秘密的密级分为绝密、机密、秘密三级。机关、单位对所产生的国家秘密事项，应当按照国家秘密及其密级的具体"
        "范围的规定确定密级，同时确定保密期限和知悉范围。",
        "第十条　国家秘密的保密期限，除另有规定外，绝密级不超过三十年，机密级不超过二十年，秘密级不超过十年。",
        "第十一条　书面形式的国家秘密载体，应当以文字形式在封面或者首页的左上角作出国家秘密标志。国家秘密标志由密级、标识符"
        "号和保密期限组成，标识符号不得用于工作秘密、商业秘密。",
        "第十二条　国家秘密事项的密级和保密期限，应当根据情况变化及时变更。变更为机密或者秘密的，应当书面通知知悉范围内的机"
        "关、单位。",
        "#第三章　管理",
        "第十八条　绝密级国家秘密载体应当在符合规定的设施、设备中保存，并指定专人管理。未经原定密机关、单位批准，不得复制和摘抄。",
        "第十九条　任何单位和个人不得将涉及国家秘密的文件存入互联网及其他公共信息网络，不得以普通邮政、快递传递机密级、秘密级载体。",
        "第二十三条　违反本规定，泄露国家秘密、工作秘密、商业秘密的，依法给予处分；构成犯罪的，依法追究刑事责任。"], size=13.5)
    return sheet.done()


def duties():
    """Harmless: job descriptions over two pages."""
    sheet = Sheet("灯塔管理员岗位职责")
    title(sheet, "灯塔管理员岗位职责", 22)
    body(sheet, [
        "#一、值班", "每班二人，日落前三十分钟到岗，检查灯器、旋转机构和备用电源，填写值班日志。",
        "#二、巡检", "每周巡检一次，内容包括塔身裂缝、避雷针接地电阻、门窗密封、楼梯扶手和消防器材。",
        "#三、光源", "光源使用满二千小时应当更换。更换后测定光强，并与上次数据比较，差值超过百分之五的查明原因。",
        "#四、雾号", "能见度低于二海里时启用雾号。雾号气压低于五个大气压时启动空气压缩机。",
        "#五、浮标", "大风过后六小时内核对浮标位置。发现移位、漂失、灯光熄灭的，立即报告航标科，并协助发布航行通告。",
        "#六、通信", "保持值守频道畅通。收到船舶询问应当在一分钟内答复，答复内容记入日志。",
        "#七、物资", "每月盘点灯泡、电池、油漆、缆绳，低于最低库存的填写申领单。",
        "#八、参观", "公众开放日由站长带领参观，每批不超过十五人，儿童须有成人陪同，雷雨天气停止开放。",
        "#九、交接", "交班时双方共同检查设备，口头说明未了事项，在日志上签字。未经交接不得离岗。"])
    return sheet.done()


def budget():
    """Harmless: a ruled table of figures."""
    sheet = Sheet("2025年部门预算公开表", margins=(22, 22, 26, 24))
    title(sheet, "2025年部门预算公开表", 21, after=2)
    sheet.line(f"单位：{OFFICE}　　　　　　　　金额单位：万元", "song", 11)
    sheet.y -= 6
    names = ["基本支出", "人员经费", "公用经费", "项目支出", "灯塔维护", "浮标更新", "航标船检修", "雾号改造", "信息系统运行",
             "公众开放日", "培训", "档案整理", "绿化", "应急储备"]
    rows = [("序号", "项目", "上年决算", "本年预算", "增减（%）")]
    for number, name in enumerate(names, start=1):
        last = 180 - 9 * number + (number * 37) % 23
        this = last + (number * 13) % 17 - 6
        rows.append((str(number), name, f"{last}.40", f"{this}.00", f"{(this - last - 0.4) * 100 / (last + 0.4):+.1f}"))
    sheet.table(rows, (8, 30, 20, 20, 16), "song", 12, "hei")
    sheet.y -= 12
    body(sheet, ["说明：本表依照预算公开要求编制并在局网站主动公开。公用经费下降，是因为“拾贝”号去年已完成大修。"], size=12)
    return sheet.done()


def minutes_scan():
    """Harmless: minutes of a meeting, scanned askew."""
    sheet = Sheet("会议纪要")
    title(sheet, "站长例会纪要", 24)
    body(sheet, [
        "时间：2025年5月12日9时30分", "地点：局二楼会议室", "主持：高远帆　　记录：柳一舟",
        "出席：石望潮、王小潮、何立秋、白鹭洲",
        "会议听取了各站一季度工作汇报，研究了汛期准备工作，议定以下事项：",
        "一、各站于五月底前完成避雷设施检测，检测报告送局办公室。",
        "二、同意长堤站购置除湿机二台，费用在公用经费中列支。",
        "三、公众开放日定于六月八日，鹿鸣站负责讲解，望归站负责交通。",
        "四、下次例会七月十四日召开，由石望潮准备关于浮标锚链的专题发言。"])
    return scan_of(sheet.done(), [Look(seed=46, angle=3.4, noise=7, quality=42)], "会议纪要")


def hidden_pdf():
    """A typed PDF with 秘密★5年, filed under a name that ends in .txt."""
    sheet = Sheet("望归湾水深复测数据说明")
    mark_block(sheet, "000021", "秘密★5年")
    sheet.y -= 24
    title(sheet, "望归湾水深复测数据说明", 22)
    body(sheet, ["望归湾水深复测于四月完成，测线四十四条，测点九千一百二十个。与上次相比，主航道中段淤浅约四分米，东侧浅滩"
                 "向北推移十七米。", "复测数据以光盘形式移交，光盘一式二份，分存局档案室和航标科。使用数据须经总工程师批准。"])
    signed(sheet, f"{OFFICE}航标科", "2025年5月6日")
    return sheet.done()


def photographed_page():
    """What lies on the desk in the phone photo: 机密★20年."""
    sheet = Sheet("雾号试验记录")
    mark_block(sheet, "000009", "机密★20年")
    sheet.y -= 20
    title(sheet, "纸灯笼工程雾号试验记录", 22)
    body(sheet, ["试验地点：北屿灯塔西侧平台。试验日期：二月二十六日。记录人：白鹭洲。",
                 "一、风向东北，风力三级，能见度四百米。雾号气压七点二个大气压，音频二百七十五赫。",
                 "二、距离二海里处接收清晰，三海里处时断时续，四海里处不能分辨。",
                 "三、改用乙套音频后，三海里处接收清晰，四海里处可以分辨。",
                 "四、结论：乙套音频在浓雾中优于甲套，建议列入第三阶段联调。"], size=16)
    signed(sheet, "试验组", "2025年2月27日")
    return rendered(sheet.done(), 1, 190)


def desk_page():
    """Harmless page for the photo that was cut off in transfer."""
    sheet = Sheet("开放日须知")
    title(sheet, "公众开放日须知", 26)
    body(sheet, ["参观时间为上午九时至下午四时，每批十五人，由讲解员带领。", "请勿触摸透镜，请勿倚靠栏杆。塔内楼梯共一百三十六级，"
                 "请量力而行。", "雷雨天气停止开放。"], size=18)
    return rendered(sheet.done(), 1, 150)


def locked():
    """Typed, 秘密★3年, and encrypted with a user password: nobody reads it without."""
    sheet = Sheet("评标委员会名单", encrypt=Aes256("lantern", "keeper"))
    mark_block(sheet, "000002", "秘密★3年")
    title(sheet, "浮标采购评标委员会名单", 22)
    body(sheet, ["主任：高远帆。委员：何立秋、白鹭洲、石望潮。评标时间和地点另行通知。"])
    return sheet.done()


def blank_scan():
    """The back of a page: nothing but the grain of the paper."""
    look = Look(seed=47, angle=0, noise=2.5, specks=6, quality=40)
    pdf = pikepdf.new()
    add_scan(pdf, scanned(Image.new("RGB", (1240, 1754), (255, 255, 255)), look), look)
    return saved(pdf, "Scan")


def outlined():
    """A page whose text is drawn as outlines, as printers' shops deliver it: no text layer at all, 秘密★10年."""
    sheet = Sheet("北屿水道海图说明")
    x, y = sheet.left, sheet.top - 16
    lines = [("秘密★10年", "hei", 18), ("", "hei", 30), ("北屿水道海图说明", "hei", 26), ("", "hei", 16),
             ("本图比例尺为一比五千，采用当地平均大潮低潮面。", "song", 17), ("图中礁区代号仅供航标船使用，返航后应当收回。", "song", 17),
             ("望归湾东侧浅滩依四月复测结果改绘。", "song", 17), ("绘图：白鹭洲　　校对：何立秋", "song", 15)]
    for text, face, size in lines:
        draw_outlined(sheet.canvas, text, face, size, x, y, BLACK)
        y -= size * 1.8
    sheet.canvas.setStrokeColor(GREY)
    sheet.canvas.line(x, y, x + sheet.width, y)
    return sheet.done()
