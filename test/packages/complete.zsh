# Types a line and a tab into an interactive zsh, and prints what then stands there: zsh -f complete.zsh FPATH LINE EXPECTED
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT=; unsetopt zle_bracketed_paste; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D; bindkey '^I' complete-word; print READY-\$((6*7))"
while zpty -r shell line; do
  [[ $line == *READY-42* ]] && break
done
zpty -n -w shell "$2"$'\t'
out=
for try in {1..100}; do
  while zpty -r -t shell line; do
    out+=$line
  done
  [[ $out == *$3* ]] && break
  sleep 0.05
done
print -r -- "$out"
zpty -d shell
