#compdef rollbook
# zsh completion for rollbook. Made by: rollbook completion zsh
_rollbook() {
    local line="rollbook ${(j: :)words[2,CURRENT]}"
    local -a candidates
    candidates=("${(@f)$(command ${words[1]} "[suggest:${#line}]" "$line" 2>/dev/null)}")
    # Options only where one is begun: they would bury everything else.
    [[ ${words[CURRENT]} == -* ]] || candidates=(${candidates:#-*})
    candidates=(${candidates:#})
    if (( ${#candidates} )); then
        compadd -a candidates
    else
        _files
    fi
}
if [[ ${funcstack[1]} == _rollbook ]]; then
    _rollbook "$@"
else
    compdef _rollbook rollbook
fi
