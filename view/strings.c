/*
 * strings.c - the texts of the pages, in four languages, and which language a reader wants.
 *
 * One table, a row a text, a column a language.  A part that is known only later is %s, in the same
 * order in all four; there are no rules of plurals, so "1 answer" is a row of its own.  A row
 * that has not four texts, or texts with different parts, fails the unit test.
 *
 * Accept-Language: each language that there is gets the quality of the range that fits it with the
 * longest prefix, and the best one wins; of equals, the one that the reader named first.  All of
 * Chinese gets the simplified texts, which is what there is.
 */
#include "view/strings.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *const texts[STRING_COUNT][LANGUAGE_COUNT - 1] = {
	[STRING_GROUPS] = {
	    "Groups",
	    "群组",
	    "グループ",
	    "그룹",
	},
	[STRING_EVENTS] = {
	    "Recent",
	    "最近",
	    "最近",
	    "최근",
	},
	[STRING_CHECK] = {
	    "Self-test",
	    "自检",
	    "自己診断",
	    "자가 진단",
	},
	[STRING_SIGNOUT] = {
	    "Sign out",
	    "退出",
	    "サインアウト",
	    "로그아웃",
	},
	[STRING_SIGNIN] = {
	    "Sign in",
	    "登录",
	    "サインイン",
	    "로그인",
	},
	[STRING_PASSWORD] = {
	    "Password",
	    "密码",
	    "パスワード",
	    "비밀번호",
	},
	[STRING_SIGNIN_HINT] = {
	    "It is in the configuration file view.conf, as password.",
	    "即配置文件中的 password (view.conf)。",
	    "設定ファイルの password (view.conf) の値です。",
	    "설정 파일의 password (view.conf) 값입니다.",
	},
	[STRING_SIGNIN_WRONG] = {
	    "This is not the password.",
	    "密码不正确。",
	    "パスワードが違います。",
	    "비밀번호가 맞지 않습니다.",
	},
	[STRING_SIGNIN_BUSY] = {
	    "Too many attempts just now. Try again in a few seconds.",
	    "尝试次数过多，请几秒后再试。",
	    "試行が多すぎます。数秒後にもう一度お試しください。",
	    "시도가 너무 많습니다. 몇 초 뒤에 다시 시도하세요.",
	},
	[STRING_SIGNIN_AGAIN] = {
	    "Already signed in? Continue",
	    "已经登录？继续",
	    "サインイン済みの場合は続ける",
	    "이미 로그인했다면 계속",
	},
	[STRING_FIND_GROUP] = {
	    "Find a group",
	    "查找群组",
	    "グループを検索",
	    "그룹 찾기",
	},
	[STRING_FIND_PAIR] = {
	    "Find a person or an answer",
	    "查找成员或答案",
	    "回答者・回答を検索",
	    "사람 또는 답 찾기",
	},
	[STRING_FIND_MESSAGE] = {
	    "Message number",
	    "消息序号",
	    "メッセージ番号",
	    "메시지 번호",
	},
	[STRING_FIND] = {
	    "Find",
	    "查找",
	    "検索",
	    "찾기",
	},
	[STRING_OPEN] = {
	    "Open",
	    "打开",
	    "開く",
	    "열기",
	},
	[STRING_GROUP] = {
	    "Group",
	    "群组",
	    "グループ",
	    "그룹",
	},
	[STRING_MESSAGE] = {
	    "Message",
	    "消息",
	    "メッセージ",
	    "메시지",
	},
	[STRING_MESSAGE_N] = {
	    "Message %s",
	    "消息 %s",
	    "メッセージ %s",
	    "메시지 %s",
	},
	[STRING_NEVENTS] = {
	    "Events",
	    "事件数",
	    "イベント数",
	    "이벤트",
	},
	[STRING_LAST] = {
	    "Last activity",
	    "最近活动",
	    "最終更新",
	    "마지막 활동",
	},
	[STRING_CHANGED] = {
	    "Last change",
	    "最近变更",
	    "最終変更",
	    "마지막 변경",
	},
	[STRING_ANSWERS] = {
	    "Answers",
	    "回答数",
	    "回答数",
	    "답변 수",
	},
	[STRING_N_ANSWERS] = {
	    "%s answers",
	    "%s 个回答",
	    "%s 件の回答",
	    "답변 %s개",
	},
	[STRING_ONE_ANSWER] = {
	    "1 answer",
	    "1 个回答",
	    "1 件の回答",
	    "답변 1개",
	},
	[STRING_ANSWER] = {
	    "Answer",
	    "答案",
	    "回答",
	    "답",
	},
	[STRING_SHARE_PCT] = {
	    "Share",
	    "占比",
	    "割合",
	    "비율",
	},
	[STRING_WHO] = {
	    "Who",
	    "成员",
	    "回答者",
	    "사람",
	},
	[STRING_WHEN] = {
	    "When",
	    "时间",
	    "日時",
	    "시각",
	},
	[STRING_WHAT] = {
	    "What changed",
	    "变更",
	    "変更内容",
	    "변경 내용",
	},
	[STRING_RESULT] = {
	    "Result",
	    "结果",
	    "結果",
	    "결과",
	},
	[STRING_WHO_WHAT] = {
	    "Who chose what",
	    "谁选了什么",
	    "誰が何を選んだか",
	    "누가 무엇을 골랐나",
	},
	[STRING_HISTORY] = {
	    "History",
	    "变更记录",
	    "履歴",
	    "기록",
	},
	[STRING_PAST] = {
	    "As it was on %s, at version %s of %s.",
	    "这是 %s 的状态（版本 %s，共 %s）。",
	    "%s 時点の状態です（バージョン %s / %s）。",
	    "%s 시점의 상태입니다(버전 %s / %s).",
	},
	[STRING_EARLIER] = {
	    "Earlier",
	    "更早",
	    "前へ",
	    "이전",
	},
	[STRING_LATER] = {
	    "Later",
	    "更晚",
	    "次へ",
	    "다음",
	},
	[STRING_NOW] = {
	    "Now",
	    "当前",
	    "現在",
	    "현재",
	},
	[STRING_VERSION] = {
	    "Version",
	    "版本",
	    "バージョン",
	    "버전",
	},
	[STRING_AS_OF] = {
	    "As of %s",
	    "截至 %s",
	    "%s 現在",
	    "%s 기준",
	},
	[STRING_REFRESH] = {
	    "Refresh",
	    "刷新",
	    "更新",
	    "새로 고침",
	},
	[STRING_EVERY] = {
	    "Refresh every 30 seconds",
	    "每 30 秒刷新",
	    "30 秒ごとに更新",
	    "30초마다 새로 고침",
	},
	[STRING_STOP] = {
	    "Stop refreshing",
	    "停止刷新",
	    "自動更新を停止",
	    "자동 새로 고침 중지",
	},
	[STRING_UTC] = {
	    "Times are %s.",
	    "时间均为 %s。",
	    "時刻は %s です。",
	    "시각은 %s입니다.",
	},
	[STRING_LOST_N] = {
	    "%s updates never arrived",
	    "有 %s 条更新未送达",
	    "%s 件の更新が届いていません",
	    "업데이트 %s개가 도착하지 않았습니다",
	},
	[STRING_LOST_1] = {
	    "1 update never arrived",
	    "有 1 条更新未送达",
	    "1 件の更新が届いていません",
	    "업데이트 1개가 도착하지 않았습니다",
	},
	[STRING_LOST_SHORT] = {
	    "%s lost",
	    "缺 %s 条",
	    "%s 件欠落",
	    "%s개 누락",
	},
	[STRING_LOST_MEAN] = {
	    "Up to %s answers can be missing or out of date: versions %s. All that is shown did arrive.",
	    "最多有 %s 个回答可能缺失或过时（版本 %s）。已显示的内容均确实收到。",
	    "最大 %s 件の回答が欠けているか古い可能性があります（バージョン %s）。表示されているものはすべて届いたものです。",
	    "최대 %s개의 답이 빠졌거나 오래되었을 수 있습니다(버전 %s). 표시된 것은 모두 실제로 도착한 것입니다.",
	},
	[STRING_LOST_TODO] = {
	    "What to do",
	    "如何处理",
	    "対処方法",
	    "해결 방법",
	},
	[STRING_LOST_1ST] = {
	    "The sender delivers each update only once, so these will not come by themselves. Ask it for the current answers with this request (REST, group_get_key_values):",
	    "发送方每条更新只投递一次，因此它们不会自行补到。请用以下请求查询当前回答（REST，group_get_key_values）：",
	    "送信側は各更新を一度しか送らないため、自然には届きません。次の要求で現在の回答を取得します（REST、group_get_key_values）:",
	    "보내는 쪽은 업데이트를 한 번만 전달하므로 저절로 오지는 않습니다. 다음 요청으로 현재 답을 가져오세요(REST, group_get_key_values):",
	},
	[STRING_LOST_2ND] = {
	    "Where there is a shell, put its answer into the log:",
	    "如有命令行，将其应答写入日志：",
	    "シェルが使えるなら、応答をログに取り込みます:",
	    "셸이 있다면 그 응답을 로그에 넣으세요:",
	},
	[STRING_LOST_3RD] = {
	    "Or ask the people concerned to choose again: a newer choice mends theirs.",
	    "或请相关成员重新选择：新的选择会覆盖旧状态。",
	    "または該当者にもう一度選んでもらってください。新しい選択で正しくなります。",
	    "또는 해당 사람에게 다시 고르도록 부탁하세요. 새 선택이 바로잡아 줍니다.",
	},
	[STRING_CHOSE] = {
	    "chose",
	    "选择",
	    "選択",
	    "선택",
	},
	[STRING_WITHDREW] = {
	    "withdrew",
	    "撤回",
	    "取り消し",
	    "취소",
	},
	[STRING_CLEARED] = {
	    "All answers were cleared",
	    "已清除全部回答",
	    "すべての回答が消去されました",
	    "모든 답이 지워졌습니다",
	},
	[STRING_TWICE] = {
	    "arrived twice",
	    "重复送达",
	    "重複して到着",
	    "두 번 도착",
	},
	[STRING_GAP_ROW] = {
	    "Versions %s never arrived",
	    "版本 %s 未送达",
	    "バージョン %s は届いていません",
	    "버전 %s은(는) 도착하지 않았습니다",
	},
	[STRING_SHOW_ALL] = {
	    "Show all %s",
	    "显示全部 %s 条",
	    "すべて表示（%s 件）",
	    "전체 %s개 보기",
	},
	[STRING_OLDER] = {
	    "Older",
	    "更旧",
	    "古いもの",
	    "더 오래된 것",
	},
	[STRING_DOWNLOAD] = {
	    "Download",
	    "下载",
	    "ダウンロード",
	    "내려받기",
	},
	[STRING_DL_EXCEL] = {
	    "Table for Excel",
	    "Excel 表格",
	    "Excel 用の表",
	    "엑셀용 표",
	},
	[STRING_DL_CSV] = {
	    "CSV for programs",
	    "CSV（供程序使用）",
	    "CSV（プログラム用）",
	    "CSV(프로그램용)",
	},
	[STRING_DL_JSON] = {
	    "JSON",
	    "JSON",
	    "JSON",
	    "JSON",
	},
	[STRING_SHARE] = {
	    "Share this result",
	    "分享此结果",
	    "この結果を共有",
	    "이 결과 공유",
	},
	[STRING_SHARE_INTRO] = {
	    "Whoever has the link sees this one result, without a password, until it expires.",
	    "任何持有链接的人无需密码即可查看这一结果，直至过期。",
	    "リンクを知っている人は、期限までパスワードなしでこの結果だけを見られます。",
	    "링크를 가진 사람은 만료될 때까지 비밀번호 없이 이 결과만 볼 수 있습니다.",
	},
	[STRING_SHARE_TITLE] = {
	    "Title that the page shows",
	    "页面显示的标题",
	    "ページに表示するタイトル",
	    "페이지에 표시할 제목",
	},
	[STRING_SHARE_DAYS] = {
	    "The link works for",
	    "链接有效期",
	    "リンクの有効期間",
	    "링크 유효 기간",
	},
	[STRING_DAYS] = {
	    "%s days",
	    "%s 天",
	    "%s 日",
	    "%s일",
	},
	[STRING_DAY1] = {
	    "1 day",
	    "1 天",
	    "1 日",
	    "1일",
	},
	[STRING_SHARE_NAMES] = {
	    "Show who chose what",
	    "显示谁选了什么",
	    "誰が何を選んだかを表示",
	    "누가 무엇을 골랐는지 표시",
	},
	[STRING_SHARE_MAKE] = {
	    "Make the link",
	    "生成链接",
	    "リンクを作成",
	    "링크 만들기",
	},
	[STRING_SHARE_READY] = {
	    "The link, until %s",
	    "链接（有效期至 %s）",
	    "リンク（%s まで）",
	    "링크(%s까지)",
	},
	[STRING_EXPIRES] = {
	    "This link works until %s.",
	    "此链接有效期至 %s。",
	    "このリンクは %s まで有効です。",
	    "이 링크는 %s까지 유효합니다.",
	},
	[STRING_EXPIRED] = {
	    "This link has expired",
	    "此链接已过期",
	    "このリンクは期限切れです",
	    "만료된 링크입니다",
	},
	[STRING_EXPIRED_P] = {
	    "Ask whoever sent it for a new one.",
	    "请向发送者索取新链接。",
	    "送ってくれた人に新しいリンクを頼んでください。",
	    "보낸 사람에게 새 링크를 요청하세요.",
	},
	[STRING_NONE_YET] = {
	    "No events yet",
	    "尚无事件",
	    "まだイベントがありません",
	    "아직 이벤트가 없습니다",
	},
	[STRING_DIFFER] = {
	    "All answers differ; they stand below.",
	    "所有回答各不相同，见下表。",
	    "回答はすべて異なります。下の表をご覧ください。",
	    "모든 답이 서로 다릅니다. 아래 표를 보세요.",
	},
	[STRING_EVENTS_H] = {
	    "Recent events",
	    "最近事件",
	    "最近のイベント",
	    "최근 이벤트",
	},
	[STRING_NOTHING] = {
	    "Nothing found",
	    "没有结果",
	    "見つかりません",
	    "찾은 것이 없습니다",
	},
	[STRING_EMPTY] = {
	    "(empty)",
	    "（空）",
	    "（空）",
	    "(비어 있음)",
	},
	[STRING_FIRST_PAGE] = {
	    "First page",
	    "第一页",
	    "最初のページ",
	    "첫 페이지",
	},
	[STRING_FULL] = {
	    "This page is full: not all rows are on it.",
	    "此页已满，未显示全部内容。",
	    "このページには入りきらない行があります。",
	    "이 페이지가 가득 차서 모든 행이 표시되지는 않았습니다.",
	},
	[STRING_SHOW_MORE] = {
	    "Show all of it",
	    "显示全文",
	    "全文を表示",
	    "전체 보기",
	},
	[STRING_EVENTS_END] = {
	    "Older events are on the pages of their messages.",
	    "更早的事件请在各消息的页面中查看。",
	    "これより古いイベントは各メッセージのページにあります。",
	    "더 오래된 이벤트는 각 메시지 페이지에 있습니다.",
	},
	[STRING_READ_ALL] = {
	    "Older messages: read the whole log (%s)",
	    "更旧的消息：读取整个日志（%s）",
	    "古いメッセージ: ログ全体を読む（%s）",
	    "더 오래된 메시지: 로그 전체 읽기(%s)",
	},
	[STRING_SEARCH_GROUPS] = {
	    "The search looks into group ids, upper and lower case alike.",
	    "在群组 ID 中查找，不区分大小写。",
	    "グループ ID の中を、大文字と小文字を区別せずに検索します。",
	    "그룹 ID에서 대소문자를 구분하지 않고 찾습니다.",
	},
	[STRING_SEARCH_PAIRS] = {
	    "The search looks into names and answers, upper and lower case alike.",
	    "在成员和答案中查找，不区分大小写。",
	    "回答者と回答の中を、大文字と小文字を区別せずに検索します。",
	    "사람과 답에서 대소문자를 구분하지 않고 찾습니다.",
	},
	[STRING_UNREADABLE_N] = {
	    "%s lines could not be read.",
	    "有 %s 行无法读取。",
	    "%s 行を読み取れませんでした。",
	    "%s줄을 읽을 수 없었습니다.",
	},
	[STRING_UNREADABLE_1] = {
	    "1 line could not be read.",
	    "有 1 行无法读取。",
	    "1 行を読み取れませんでした。",
	    "1줄을 읽을 수 없었습니다.",
	},
	[STRING_NO_ANSWERS] = {
	    "No answers",
	    "没有回答",
	    "回答はありません",
	    "답변 없음",
	},
	[STRING_CHOSE_THIS] = {
	    "Who chose %s",
	    "选择 %s 的成员",
	    "%s を選んだ人",
	    "%s을(를) 고른 사람",
	},
	[STRING_PAST_VERSION] = {
	    "As it was, version (1–%s)",
	    "历史时点：版本（1–%s）",
	    "過去の時点: バージョン（1–%s）",
	    "지난 시점: 버전(1–%s)",
	},
	[STRING_PAST_ABOVE] = {
	    "Version %s has not arrived; this is the latest.",
	    "版本 %s 尚未送达；这是最新的状态。",
	    "バージョン %s はまだ届いていません。これが最新の状態です。",
	    "버전 %s은(는) 아직 도착하지 않았습니다. 최신 상태를 표시합니다.",
	},
	[STRING_PAST_GAP] = {
	    "Version %s never arrived; this is the state before it.",
	    "版本 %s 未送达；这是它之前的状态。",
	    "バージョン %s は届いていません。その前の状態を表示しています。",
	    "버전 %s은(는) 도착하지 않았습니다. 그 이전 상태를 표시합니다.",
	},
	[STRING_PAST_COMPACTED] = {
	    "The log was compacted after version %s, so not all is known of how it was then. The archived log beside it, which ends in .jsonl.gz, has it.",
	    "版本 %s 之后日志已被压缩，当时的状态已不完整。旁边以 .jsonl.gz 结尾的归档日志中仍有记录。",
	    "バージョン %s の後にログが圧縮されたため、当時の状態はすべては分かりません。隣にある .jsonl.gz で終わる保管ログに残っています。",
	    "버전 %s 이후에 로그가 압축되어 당시 상태를 모두 알 수는 없습니다. 옆에 있는 .jsonl.gz로 끝나는 보관 로그에 남아 있습니다.",
	},
	[STRING_IMPORTED] = {
	    "Answers were imported",
	    "导入了回答",
	    "回答が取り込まれました",
	    "답변을 가져왔습니다",
	},
	[STRING_SHARE_NOTE] = {
	    "Without it the page still shows the answers themselves; what people wrote freely may tell who they are.",
	    "不勾选时，页面仍会显示答案本身；自由填写的内容可能透露填写者的身份。",
	    "チェックしなくても回答そのものは表示されます。自由に書かれた回答からは、誰が書いたか分かることがあります。",
	    "선택하지 않아도 답 자체는 표시됩니다. 자유롭게 쓴 답에서는 누가 썼는지 드러날 수 있습니다.",
	},
	[STRING_EMPTY_P] = {
	    "The first one makes its group appear here. If you expected some:",
	    "收到第一个事件后，其群组会显示在这里。如果本应有事件：",
	    "最初のイベントが届くと、そのグループがここに表示されます。届いているはずの場合:",
	    "첫 이벤트가 도착하면 그 그룹이 여기에 나타납니다. 이미 있어야 한다면:",
	},
	[STRING_EMPTY_1] = {
	    "Console: is the callback “after group message extension” ticked, and is the URL the one of msgext.cgi?",
	    "控制台：是否勾选了群消息扩展变更后的回调？URL 是否为 msgext.cgi 的地址？",
	    "コンソール: グループメッセージ拡張の変更後のコールバックは有効ですか。URL は msgext.cgi のものですか。",
	    "콘솔: 그룹 메시지 확장 변경 후 콜백이 선택되어 있고, URL이 msgext.cgi의 주소입니까?",
	},
	[STRING_EMPTY_2] = {
	    "Open that URL in a browser: it must answer %s.",
	    "在浏览器中打开该 URL，应答应为 %s。",
	    "その URL をブラウザーで開くと、%s と応答するはずです。",
	    "그 URL을 브라우저에서 열면 %s 응답이 와야 합니다.",
	},
	[STRING_EMPTY_3] = {
	    "Look at the page %s; it also says how to send a test event.",
	    "请查看“%s”页面，其中也说明如何发送测试事件。",
	    "「%s」のページをご覧ください。テスト用イベントの送り方もあります。",
	    "\"%s\" 페이지를 보세요. 시험 이벤트를 보내는 방법도 있습니다.",
	},
	[STRING_NOT_ENCRYPTED] = {
	    "This connection is not encrypted: whoever is on the way can read the password.",
	    "此连接未加密：途中的任何人都能看到密码。",
	    "この接続は暗号化されていません。経路上の第三者がパスワードを読み取れます。",
	    "이 연결은 암호화되지 않았습니다. 경로에 있는 누구나 비밀번호를 읽을 수 있습니다.",
	},
	[STRING_SERVER_ONLY] = {
	    "The web server signs readers in here, and it has named nobody.",
	    "此处由 Web 服务器负责登录，但它没有给出用户。",
	    "ここでは Web サーバーがサインインを行いますが、利用者が示されていません。",
	    "여기서는 웹 서버가 로그인을 처리하지만, 사용자가 전달되지 않았습니다.",
	},
	[STRING_HTTPS_REQUIRED] = {
	    "Signing in needs an encrypted connection: open this address with https.",
	    "登录需要加密连接：请用 https 打开此地址。",
	    "サインインには暗号化された接続が必要です。このアドレスを https で開いてください。",
	    "로그인하려면 암호화된 연결이 필요합니다. 이 주소를 https로 여세요.",
	},
	[STRING_BAD_ADDRESS] = {
	    "This address is not right",
	    "此地址不正确",
	    "このアドレスは正しくありません",
	    "이 주소는 올바르지 않습니다",
	},
	[STRING_BAD_VALUE] = {
	    "The parameter %s cannot be %s.",
	    "参数 %s 的值不能是 %s。",
	    "パラメーター %s に %s は使えません。",
	    "매개변수 %s에는 %s을(를) 쓸 수 없습니다.",
	},
	[STRING_BAD_MISSING] = {
	    "The parameter %s is missing.",
	    "缺少参数 %s。",
	    "パラメーター %s がありません。",
	    "매개변수 %s이(가) 없습니다.",
	},
	[STRING_BAD_TWICE] = {
	    "The parameter %s is given more than once.",
	    "参数 %s 出现了不止一次。",
	    "パラメーター %s が複数あります。",
	    "매개변수 %s이(가) 두 번 이상 있습니다.",
	},
	[STRING_BAD_DECODING] = {
	    "The parameter %s is no text: it was cut or changed on the way.",
	    "参数 %s 不是有效文本：它在途中被截断或更改。",
	    "パラメーター %s は文字列として読めません。途中で切れたか変わっています。",
	    "매개변수 %s을(를) 텍스트로 읽을 수 없습니다. 중간에 잘렸거나 바뀌었습니다.",
	},
	[STRING_BAD_QUERY] = {
	    "It was cut or changed on the way, or is too long. Copy it again, whole.",
	    "它在途中被截断、更改，或者过长。请重新完整复制。",
	    "途中で切れたか変わったか、長すぎます。もう一度全体をコピーしてください。",
	    "중간에 잘렸거나 바뀌었거나 너무 깁니다. 전체를 다시 복사하세요.",
	},
	[STRING_RANGE_NUMBER] = {
	    "It is a whole number from %s to %s.",
	    "应为 %s 到 %s 的整数。",
	    "%s から %s までの整数です。",
	    "%s부터 %s까지의 정수입니다.",
	},
	[STRING_RANGE_BYTES] = {
	    "It is a text of %s to %s bytes.",
	    "应为 %s 到 %s 字节的文本。",
	    "%s から %s バイトの文字列です。",
	    "%s~%s바이트의 텍스트입니다.",
	},
	[STRING_RANGE_DIGITS] = {
	    "It is 16 digits of 0-9 and a-f.",
	    "应为 16 位数字（0-9、a-f）。",
	    "16 桁（0-9、a-f）です。",
	    "16자리(0-9, a-f)입니다.",
	},
	[STRING_RANGE_CHOICE] = {
	    "It is one of these: %s.",
	    "应为以下之一：%s。",
	    "次のいずれかです: %s。",
	    "다음 중 하나입니다: %s.",
	},
	[STRING_RANGE_SKIP] = {
	    "It is made by the links to earlier and later rows; without it the first page is shown.",
	    "它由“更早”和“更晚”链接生成；没有它时显示第一页。",
	    "「前へ」「次へ」のリンクが付けるものです。なければ最初のページを表示します。",
	    "이전/다음 링크가 만드는 값입니다. 없으면 첫 페이지를 표시합니다.",
	},
	[STRING_NO_MESSAGE] = {
	    "There is no message %s in the group %s.",
	    "没有消息 %s（群组 %s）。",
	    "メッセージ %s はありません（グループ %s）。",
	    "메시지 %s이(가) 없습니다(그룹 %s).",
	},
	[STRING_ITS_MESSAGES] = {
	    "Its messages: %s",
	    "该群组的消息：%s",
	    "このグループのメッセージ: %s",
	    "이 그룹의 메시지: %s",
	},
	[STRING_NO_GROUP] = {
	    "There is no group %s.",
	    "没有群组 %s。",
	    "グループ %s はありません。",
	    "그룹 %s이(가) 없습니다.",
	},
	[STRING_NO_PAGE] = {
	    "There is no such page.",
	    "没有这样的页面。",
	    "そのようなページはありません。",
	    "그런 페이지가 없습니다.",
	},
	[STRING_BAD_METHOD] = {
	    "This cannot be done here",
	    "此处不支持该操作",
	    "ここではできません",
	    "여기서는 할 수 없습니다",
	},
	[STRING_BAD_METHOD_P] = {
	    "These pages can be read only. Nothing was changed.",
	    "这些页面只能读取。未做任何更改。",
	    "これらのページは閲覧専用です。何も変更されていません。",
	    "이 페이지들은 읽기 전용입니다. 아무것도 바뀌지 않았습니다.",
	},
	[STRING_BUSY] = {
	    "Too many attempts",
	    "尝试次数过多",
	    "試行が多すぎます",
	    "시도가 너무 많습니다",
	},
	[STRING_LINK_WRONG] = {
	    "This link is not complete",
	    "此链接不完整",
	    "このリンクは不完全です",
	    "이 링크는 완전하지 않습니다",
	},
	[STRING_LINK_WRONG_P] = {
	    "A part of it is missing or was changed on the way. Copy it again, whole, or ask whoever sent it for a new one.",
	    "链接的一部分缺失，或在途中被更改。请重新完整复制，或向发送者索取新链接。",
	    "一部が欠けているか、途中で変わっています。もう一度全体をコピーするか、送ってくれた人に新しいリンクを頼んでください。",
	    "일부가 빠졌거나 중간에 바뀌었습니다. 전체를 다시 복사하거나 보낸 사람에게 새 링크를 요청하세요.",
	},
	[STRING_NO_FILE] = {
	    "This link gives no such file",
	    "此链接不提供该文件",
	    "このリンクではこのファイルを取得できません",
	    "이 링크로는 이 파일을 받을 수 없습니다",
	},
	[STRING_NO_FILE_P] = {
	    "It gives JSON and CSV, and only where it shows who chose what.",
	    "只提供 JSON 和 CSV，且仅限显示谁选了什么的链接。",
	    "JSON と CSV だけを、誰が何を選んだかを表示するリンクに限って提供します。",
	    "JSON과 CSV만, 누가 무엇을 골랐는지 표시하는 링크에서만 제공합니다.",
	},
	[STRING_FAILED] = {
	    "The page could not be made",
	    "无法生成页面",
	    "ページを作成できませんでした",
	    "페이지를 만들 수 없었습니다",
	},
	[STRING_FAILED_P] = {
	    "The web server’s error log says why, in a line that begins %s.",
	    "原因见 Web 服务器错误日志中以 %s 开头的一行。",
	    "理由は Web サーバーのエラーログの、%s で始まる行にあります。",
	    "이유는 웹 서버 오류 로그에서 %s(으)로 시작하는 줄에 있습니다.",
	},
	[STRING_CLOSED] = {
	    "The logs cannot be read",
	    "无法读取日志",
	    "ログを読み取れません",
	    "로그를 읽을 수 없습니다",
	},
	[STRING_CLOSED_P] = {
	    "The data directory is closed to this program. The page %s says what to change.",
	    "本程序无权访问数据目录。“%s”页面说明如何更改。",
	    "データディレクトリーをこのプログラムから読めません。変更すべき点は「%s」のページにあります。",
	    "이 프로그램이 데이터 디렉터리를 읽을 수 없습니다. \"%s\" 페이지에 바꿀 점이 있습니다.",
	},
	[STRING_MEMORY] = {
	    "The server has no memory left",
	    "服务器内存不足",
	    "サーバーのメモリーが足りません",
	    "서버의 메모리가 부족합니다",
	},
	[STRING_MEMORY_P] = {
	    "Try again in a minute.",
	    "请稍后再试。",
	    "しばらくしてからもう一度お試しください。",
	    "잠시 뒤에 다시 시도하세요.",
	},
	[STRING_REFUSED] = {
	    "This viewer is not set up",
	    "查看程序尚未配置",
	    "このビューアーは設定されていません",
	    "이 뷰어는 아직 설정되지 않았습니다",
	},
	[STRING_REFUSED_P] = {
	    "Its configuration file, view.conf, must hold these lines, and only its owner may read it (mode 0600):",
	    "配置文件 view.conf 必须包含以下各行，且仅所有者可读（权限 0600）：",
	    "設定ファイル view.conf に次の行が必要です。所有者だけが読めるようにしてください（モード 0600）:",
	    "설정 파일 view.conf에 다음 줄이 있어야 하며, 소유자만 읽을 수 있어야 합니다(모드 0600):",
	},
	[STRING_REFUSED_DIR] = {
	    "where the receiver stores its logs",
	    "接收程序存放日志的目录",
	    "受信プログラムがログを保存する場所",
	    "수신 프로그램이 로그를 저장하는 곳",
	},
	[STRING_REFUSED_PASSWORD] = {
	    "12 characters or more, of your own",
	    "自定，至少 12 个字符",
	    "自分で決めた 12 文字以上",
	    "직접 정한 12자 이상",
	},
	[STRING_FRESH_KEY] = {
	    "made for this page, and stored nowhere",
	    "专为本页生成，未存储在任何地方",
	    "このページのために作られ、どこにも保存されていません",
	    "이 페이지를 위해 만들어졌으며 어디에도 저장되지 않았습니다",
	},
	[STRING_CHECK_POINT] = {
	    "Point",
	    "项目",
	    "項目",
	    "항목",
	},
	[STRING_CHECK_FOUND] = {
	    "What was found",
	    "检查结果",
	    "結果",
	    "확인된 내용",
	},
	[STRING_CHECK_OK] = {
	    "OK",
	    "正常",
	    "正常",
	    "정상",
	},
	[STRING_CHECK_WARNING] = {
	    "WARNING",
	    "警告",
	    "警告",
	    "경고",
	},
	[STRING_CHECK_ERROR] = {
	    "ERROR",
	    "错误",
	    "エラー",
	    "오류",
	},
	[STRING_CHECK_SUM] = {
	    "Errors: %s. Warnings: %s.",
	    "错误：%s，警告：%s。",
	    "エラー: %s、警告: %s。",
	    "오류: %s, 경고: %s.",
	},
	[STRING_CHECK_MEND] = {
	    "Mend the errors first.",
	    "请先处理错误。",
	    "まずエラーを直してください。",
	    "오류부터 고치세요.",
	},
	[STRING_CHECK_FINE] = {
	    "All is well.",
	    "一切正常。",
	    "すべて正常です。",
	    "모두 정상입니다.",
	},
	[STRING_TRY_H] = {
	    "Try it",
	    "试一试",
	    "試してみる",
	    "시험해 보기",
	},
	[STRING_TRY_P] = {
	    "With a shell on the receiver’s host, this sends one signed event, which makes the group %s:",
	    "在接收程序的主机上有命令行时，以下命令发送一个带签名的事件，并产生群组 %s：",
	    "受信プログラムのホストでシェルが使えるなら、次のコマンドで署名付きイベントを 1 件送れます。グループ %s ができます:",
	    "수신 프로그램의 호스트에 셸이 있다면, 다음 명령이 서명된 이벤트 하나를 보내며 그룹 %s이(가) 생깁니다:",
	},
	[STRING_KEY_P] = {
	    "A fresh key for share links, made for this page and stored nowhere; put it into view.conf:",
	    "用于分享链接的新密钥，专为本页生成，未存储在任何地方；请写入 view.conf：",
	    "共有リンク用の新しい鍵です。このページのために作られ、どこにも保存されていません。view.conf に書いてください:",
	    "공유 링크용 새 키입니다. 이 페이지를 위해 만들어졌으며 어디에도 저장되지 않았습니다. view.conf에 넣으세요:",
	},
	[STRING_ALARM_REFUSED] = {
	    "%s events could not be stored, the last one %s. The self-test and the server's error log say why.",
	    "有 %s 个事件未能保存，最近一次：%s。原因见自检和服务器的错误日志。",
	    "%s 件のイベントを保存できませんでした (最後: %s)。原因は自己診断とサーバーのエラーログにあります。",
	    "이벤트 %s개를 저장하지 못했습니다 (마지막: %s). 원인은 자가 진단과 서버의 오류 로그에 있습니다.",
	},
	[STRING_ALARM_LOST] = {
	    "Updates are missing that never arrived, since %s. msgextctl gaps names them, msgext-repair fetches them.",
	    "自 %s 起有更新从未到达。msgextctl gaps 列出它们，msgext-repair 可补取。",
	    "%s 以降、届かなかった更新があります。msgextctl gaps で確認し、msgext-repair で取得できます。",
	    "%s부터 도착하지 않은 변경이 있습니다. msgextctl gaps로 확인하고 msgext-repair로 가져올 수 있습니다.",
	},
	[STRING_ALARM_DAMAGED] = {
	    "Damaged lines were found in the logs (%s). msgextctl verify names them.",
	    "在日志中发现损坏的行 (%s)。msgextctl verify 会列出它们。",
	    "ログに壊れた行が見つかりました (%s)。msgextctl verify で確認できます。",
	    "로그에서 손상된 줄을 발견했습니다 (%s). msgextctl verify로 확인할 수 있습니다.",
	},
	[STRING_ALARM_SILENCE] = {
	    "Nothing has arrived since %s, which is longer than usual. Look at the callback in the vendor's console.",
	    "自 %s 起没有收到任何事件，比平时更久。请检查控制台中的回调设置。",
	    "%s 以降、イベントが届いていません。いつもより長い間です。コンソールのコールバック設定を確認してください。",
	    "%s 이후로 이벤트가 오지 않았습니다. 평소보다 깁니다. 콘솔의 콜백 설정을 확인하세요.",
	},
	[STRING_ALARM_LATE] = {
	    "msgextctl alarm has not run since %s. Look at its cron job.",
	    "msgextctl alarm 自 %s 起未再运行。请检查其 cron 任务。",
	    "msgextctl alarm は %s から実行されていません。cron の設定を確認してください。",
	    "msgextctl alarm이 %s 이후로 실행되지 않았습니다. cron 작업을 확인하세요.",
	},
	[STRING_ALARM_SHIP] = {
	    "msgext-ship has brought nothing to PostgreSQL since %s.",
	    "msgext-ship 自 %s 起没有向 PostgreSQL 传送数据。",
	    "msgext-ship は %s から PostgreSQL に何も送っていません。",
	    "msgext-ship이 %s 이후로 PostgreSQL에 아무것도 보내지 않았습니다.",
	},
	[STRING_ALARM_REPAIR] = {
	    "msgext-repair has not run since %s.",
	    "msgext-repair 自 %s 起未再运行。",
	    "msgext-repair は %s から実行されていません。",
	    "msgext-repair가 %s 이후로 실행되지 않았습니다.",
	},
	[STRING_ALARM_REPAIR_FAILS] = {
	    "msgext-repair has failed since %s.",
	    "msgext-repair 自 %s 起一直失败。",
	    "msgext-repair は %s から失敗しています。",
	    "msgext-repair가 %s부터 실패하고 있습니다.",
	},
	[STRING_ALARM_SIGNATURE] = {
	    "The UserSig of msgext-repair ends: %s. Put a new one in its place.",
	    "msgext-repair 的 UserSig 到期时间：%s。请更换。",
	    "msgext-repair の UserSig の期限: %s。新しいものに替えてください。",
	    "msgext-repair의 UserSig 만료: %s. 새것으로 바꾸세요.",
	},
	[STRING_ALARM_SPACE] = {
	    "The disk is nearly full: %s percent are used. The self-test says how long it lasts.",
	    "磁盘将满：已用百分之 %s。自检会说明还能用多久。",
	    "ディスクの空きが少なくなっています (使用率 %s パーセント)。いつまで足りるかは自己診断にあります。",
	    "디스크가 거의 찼습니다 (사용률 %s퍼센트). 얼마나 갈지는 자가 진단에 있습니다.",
	},
};

static const char *const tags[LANGUAGE_COUNT] = {
	[LANGUAGE_NONE] = "",
	[LANGUAGE_EN] = "en",
	[LANGUAGE_ZH_CN] = "zh-CN",
	[LANGUAGE_JA] = "ja",
	[LANGUAGE_KO] = "ko",
};

const char *
string_get(enum language language, enum string string)
{
	return texts[string][language - 1];
}

const char *
language_tag(enum language language)
{
	return tags[language];
}

enum language
language_read(const char *tag)
{
	for (enum language language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
		if (strcmp(tag, tags[language]) == 0)
			return language;
	return LANGUAGE_NONE;
}

/* One element of the header: a range of languages, and how much the reader likes them. */
struct range {
	const char *text; /* length bytes, as "zh-Hant-TW" or "*" */
	size_t length;
	int quality; /* 0 to 1000 */
};

/* A quality as in "0.8": of three decimals at most, at most 1; -1: is none. */
static int
quality_read(const char *text, size_t length)
{
	int quality = 0, unit = 1000;

	if (length == 0 || length > 5 || (text[0] != '0' && text[0] != '1') ||
	    (length > 1 && text[1] != '.'))
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (i == 1)
			continue;
		if (text[i] < '0' || text[i] > '9')
			return -1;
		quality += (text[i] - '0') * unit;
		unit /= 10;
	}
	return quality <= 1000 ? quality : -1;
}

/* Reads the element of that many bytes; false: it says nothing that can be used. */
static bool
range_read(const char *text, size_t length, struct range *range)
{
	static const char blanks[] = " \t";
	const char *end = text + length, *weight;

	while (text < end && strchr(blanks, *text) != NULL)
		text++;
	while (end > text && strchr(blanks, end[-1]) != NULL)
		end--;
	weight = memchr(text, ';', (size_t)(end - text));
	*range = (struct range){ text, (size_t)((weight == NULL ? end : weight) - text), 1000 };
	while (range->length > 0 && strchr(blanks, text[range->length - 1]) != NULL)
		range->length--;
	if (range->length == 0)
		return false;
	if (weight == NULL)
		return true;
	do
		weight++;
	while (weight < end && strchr(blanks, *weight) != NULL);
	if (end - weight < 2 || (*weight != 'q' && *weight != 'Q') || weight[1] != '=')
		return false;
	range->quality = quality_read(weight + 2, (size_t)(end - weight) - 2);
	return range->quality >= 0;
}

/*
 * How well the range fits: the length of what they have in common; 0: not.  A range of another
 * region or script is of the same language, which fits less than one that names no region.
 */
static size_t
range_fits(const struct range *range, enum language language)
{
	const char *tag = tags[language];
	size_t primary = strcspn(tag, "-"), length = strlen(tag);

	if (range->length == 1 && range->text[0] == '*')
		return 1;
	if (range->length < primary || strncasecmp(range->text, tag, primary) != 0 ||
	    (range->length > primary && range->text[primary] != '-'))
		return 0;
	if (range->length >= length && strncasecmp(range->text, tag, length) == 0 &&
	    (range->length == length || range->text[length] == '-'))
		return 4 + length;
	return range->length == primary ? 3 : 2;
}

/* What the header says of each language; the place is that of the range which said it. */
struct wish {
	size_t fit, place;
	int quality;
};

static void
wish_hear(struct wish *wish, const struct range *range, size_t place, enum language language)
{
	size_t fit = range_fits(range, language);

	/* Of two ranges that fit alike, as zh-TW and zh-HK, the better one counts. */
	if (fit == 0 || fit < wish->fit || (fit == wish->fit && range->quality <= wish->quality))
		return;
	*wish = (struct wish){ fit, place, range->quality };
}

enum language
language_accept(const char *header)
{
	struct wish wishes[LANGUAGE_COUNT] = { { 0 } };
	enum language best = LANGUAGE_NONE;
	size_t place = 0;
	struct range range;

	for (const char *at = header; at != NULL; place++) {
		size_t length = strcspn(at, ",");

		if (range_read(at, length, &range))
			for (enum language i = LANGUAGE_EN; i < LANGUAGE_COUNT; i++)
				wish_hear(&wishes[i], &range, place, i);
		at = at[length] == ',' ? at + length + 1 : NULL;
	}
	for (enum language i = LANGUAGE_EN; i < LANGUAGE_COUNT; i++)
		if (wishes[i].quality > wishes[best].quality ||
		    (wishes[i].quality > 0 && wishes[i].quality == wishes[best].quality &&
			wishes[i].place < wishes[best].place))
			best = i;
	return best == LANGUAGE_NONE ? LANGUAGE_EN : best;
}
