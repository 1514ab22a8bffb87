# bash completion for rollbook. Made by: rollbook completion bash
_rollbook() {
    local word candidates candidate
    word=${COMP_LINE:0:COMP_POINT}
    # The word as the program sees it; bash splits words at = and : too.
    word=${word##*[[:space:]]}
    COMPREPLY=()
    # What the program knows is never expanded: read as text, compared as text.
    mapfile -t candidates < <(command "${COMP_WORDS[0]/#\~/$HOME}" "[suggest:${#COMP_LINE}]" "rollbook ${COMP_LINE#*[[:space:]]}" 2>/dev/null)
    for candidate in "${candidates[@]}"; do
        # Options only where one is begun: they would bury everything else.
        if [[ $candidate == -* && $word != -* ]]; then continue; fi
        if [[ -n $candidate && $candidate == "$word"* ]]; then COMPREPLY+=("$candidate"); fi
    done
}
# Where the program knows nothing, a file may be meant.
complete -o default -o nosort -F _rollbook rollbook
