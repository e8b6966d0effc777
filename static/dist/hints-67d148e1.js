var s={look:o=>`This survey has no look "${o}". Remove the attribute, or choose "faces" or "words".`},r=(o,e)=>console.info(`tilfreds: ${s[o](e)}`);export{r as default};
