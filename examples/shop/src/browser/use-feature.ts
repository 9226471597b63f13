// For components of React: `useFeature('onePageCheckout')`. A test gives other flags by `<Features value={…}>`.
import { createContext, useContext } from 'react'
import { type FrontendFlagName, glFeatures } from 'sluice/browser'

export const Features = createContext(glFeatures)

export const useFeature = (name: FrontendFlagName): boolean => useContext(Features)[name] === true
