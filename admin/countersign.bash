# shellcheck shell=bash
# Completion for countersign(8). What there is comes from the command itself
# (--commands); here is only where the values of its arguments come from.

# Of many names those that begin as cur does behind the prefix; a thousand.
_countersign_matching() {
	local begin=${cur#"$prefix"}
	begin=${begin#"$1"} awk 'index($0, ENVIRON["begin"]) == 1' |
		head -n 1000
}

# Names in the directory, or nothing if it can't be read at once.
# usage: _countersign_names NOUN MEMBER [PREFIX]
_countersign_names() {
	local name
	while IFS= read -r name; do
		candidates+=("${3-}$name")
	done < <(timeout 2 "${command[@]}" --json "$1" list 2>/dev/null \
		</dev/null | sed -n "s/.*\"$2\": \"\([^\"\\\\]*\)\".*/\1/p" |
		_countersign_matching "${3-}")
}

# The selectors of the domain that is typed.
_countersign_selectors() {
	local name
	while IFS= read -r name; do
		candidates+=("$name")
	done < <(timeout 2 "${command[@]}" --json dkim list "${table[@]}" \
		2>/dev/null </dev/null | grep -F "\"domain\": \"${typed[2]-}\"" |
		sed -n 's/.*"selector": "\([^"\\]*\)".*/\1/p')
}

_countersign_files() {
	mapfile -t -O "${#candidates[@]}" candidates < <(
		compgen -f -- "${cur#"$prefix"}")
	# Then readline quotes them.
	if compopt -o filenames 2>/dev/null; then
		files=yes
	fi
}

# What may stand for a word of the table, such as "ACCOUNT|%GROUP" or
# "rsa|ed25519"; status 1 if that is not known.
_countersign_values() {
	local kind
	local -a kinds
	IFS='|' read -ra kinds <<<"${1%...}"
	for kind in "${kinds[@]}"; do
		case $kind in
		ACCOUNT) _countersign_names account account ;;
		NAME)
			[[ ${typed[0]} != account ]] ||
				_countersign_names account account
			;;
		GROUP) _countersign_names group group ;;
		%GROUP) _countersign_names group group % ;;
		DOMAIN) _countersign_names domain domain ;;
		@DOMAIN) _countersign_names domain domain @ ;;
		ADDRESS) _countersign_names address address ;;
		FINGERPRINT) _countersign_names key fingerprint ;;
		SELECTOR) _countersign_selectors ;;
		FILE | STEM) _countersign_files ;;
		URI) candidates+=(sqlite:) ;;
		CHARACTERS | DATE | SCHEME | TIME | WHEN) ;;
		*[A-Z]*) return 1 ;;
		*) candidates+=("$kind") ;;
		esac
	done
}

# Takes a line of --commands apart: literals, places, options, values. The
# value of an option that has none is empty.
_countersign_take_apart() {
	local word option=
	local -a line
	literals=() places=() options=() values=()
	read -ra line <<<"$1"
	for word in "${line[@]}"; do
		if [[ -n $option ]]; then
			values[${#options[@]} - 1]=${word%"]"}
			option=
		elif [[ $word == --* || $word == "[--"* ]]; then
			options+=("${word//[][]/}")
			values+=('')
			[[ $word == *"]" ]] || option=$word
		elif [[ $word =~ ^[a-z-]+$ ]] && ((!${#places[@]})); then
			literals+=("$word")
		else
			places+=("${word//[][]/}")
		fi
	done
}

# Sets value to what the value of an option is called, empty for a flag.
_countersign_option_value() {
	local i
	value=
	for ((i = 0; i < ${#options[@]}; i++)); do
		[[ ${options[i]} != "$1" ]] || value=${values[i]}
	done
	for ((i = 0; i < ${#global_options[@]}; i++)); do
		[[ ${global_options[i]} != "$1" ]] || value=${global_values[i]}
	done
}

# Finds the command that the typed words name; status 1 if none yet, and
# next holds the words that may come.
_countersign_find() {
	local line i
	next=()
	for line in "${lines[@]}"; do
		[[ $line == "${typed[0]-}"* ]] || continue
		_countersign_take_apart "$line"
		for ((i = 0; i < ${#literals[@]} && i < ${#typed[@]}; i++)); do
			[[ ${literals[i]} == "${typed[i]}" ]] || continue 2
		done
		((i < ${#literals[@]})) || return 0
		next+=("${literals[i]}")
	done
	literals=() places=() options=() values=()
	return 1
}

# Reads the words before the one that is being completed.
_countersign_read() {
	local word value pending='' ended=''
	while (($#)); do
		word=$1
		shift
		if [[ -n $ended || $word != --* ]]; then
			typed+=("$word")
			_countersign_find && found=yes
		elif [[ $word == -- ]]; then
			ended=yes
		else
			used+=("${word%%=*}")
			_countersign_option_value "${word%%=*}"
			pending=$value
			[[ $word != *=* ]] || set -- "${word#*=}" "$@"
			(($#)) || break
			[[ -n $pending || $word == *=* ]] || continue
			case $word in
			--directory* | --config*)
				command+=("${word%%=*}" "$1")
				;;
			--table*) table=(--table "$1") ;;
			esac
			pending=
			shift
		fi
	done
	awaited=$pending options_ended=$ended
}

# The options that were not used yet.
_countersign_options() {
	local option
	for option in "${options[@]}" "${global_options[@]}"; do
		[[ " ${used[*]} " == *" $option "* ]] || candidates+=("$option")
	done
}

# What of the candidates begins as cur does goes to COMPREPLY, quoted, and
# without what bash takes for words before (COMP_WORDBREAKS).
_countersign_reply() {
	local i start=0 word
	for ((i = 0; i < ${#cur}; i++)); do
		[[ $COMP_WORDBREAKS == *"${cur:i:1}"* ]] || continue
		# Host names complete behind an @, which belongs to the word.
		[[ ${cur:i:1} == @ ]] && start=$i || start=$((i + 1))
	done
	COMPREPLY=()
	for word in "${candidates[@]/#/$prefix}"; do
		[[ $word == "$cur"* ]] || continue
		word=${word:start}
		[[ -n $files ]] || printf -v word %q "$word"
		COMPREPLY+=("$word")
		((${#COMPREPLY[@]} < 1000)) || break
	done
}

_countersign() {
	local -a words lines literals places options values next typed used
	local -a global_options global_values candidates
	local -a command=("$1") table=()
	local cur='' found='' awaited='' options_ended='' files='' value prefix=
	local line place

	mapfile -t lines < <("$1" --commands 2>/dev/null)
	while [[ ${lines[0]-} == --* ]]; do
		read -r line value <<<"${lines[0]}"
		global_options+=("$line")
		global_values+=("$value")
		lines=("${lines[@]:1}")
	done

	read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
	if [[ ${COMP_LINE:COMP_POINT-1:1} != [[:space:]] ]]; then
		cur=${words[-1]}
		unset 'words[-1]'
	fi
	_countersign_find
	_countersign_read "${words[@]:1}"

	place=$((${#typed[@]} - ${#literals[@]}))
	if [[ -n $awaited ]]; then
		_countersign_values "$awaited"
	elif [[ $cur == --*=* && -z $options_ended ]]; then
		prefix=${cur%%=*}=
		_countersign_option_value "${cur%%=*}"
		_countersign_values "$value"
	elif [[ $cur == -* && -z $options_ended ]]; then
		_countersign_options
	elif [[ -z $found ]]; then
		candidates=("${next[@]}")
	elif ((place < ${#places[@]})); then
		# What is added has a name that nothing has yet.
		[[ ${literals[1]} == add && $place == 0 &&
			${places[0]} == @(NAME|"${literals[0]^^}") ]] ||
			_countersign_values "${places[place]}"
	elif [[ ${places[*]} == *... ]]; then
		_countersign_values "${places[-1]}"
	else
		_countersign_options
	fi
	_countersign_reply
}

complete -F _countersign countersign
